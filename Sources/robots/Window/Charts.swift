import RobotWorld

/// Charts of a run that goes on, over the picture.
///
/// They cost time for every robot at every step, so the run is observed only from when on somebody has asked for them.
struct Charts {
    private static let colors = [Color(red: 40, green: 90, blue: 190), Color(red: 200, green: 80, blue: 0)]

    private(set) var isShown = false
    private let quantities: [ChartQuantity]
    private let scenario: Scenario
    /// Nil as long as nobody has asked for them.
    private var observer: Observer?
    /// The numbers at the former step.
    private var former: [Double?] = []
    private var series: [ChartSeries] = []
    /// The first step that was observed and the latest one.
    private var steps: ClosedRange<Int>?

    /// - Parameters:
    ///   - scenario: What the run begins with.
    ///   - isShown: Whether they are shown from the beginning on.
    init(of quantities: [ChartQuantity], scenario: Scenario, isShown: Bool) {
        self.quantities = quantities
        self.scenario = scenario
        self.isShown = isShown
        if isShown { observe(from: Observer(of: scenario)) }
    }

    /// - Parameter step: The step that is shown.
    mutating func showOrHide(at step: Simulation.Step) {
        isShown.toggle()
        if observer != nil { return }
        observe(from: Observer(of: Scenario(robots: [])))
        take(step)
    }

    mutating func take(_ step: Simulation.Step) {
        observer?.take(step)
        guard let observer else { return }
        steps = (steps?.lowerBound ?? step.number)...step.number
        for (index, quantity) in quantities.enumerated() {
            let number = quantity.number(of: observer)
            if quantity.isPerStep {
                let change = former[index].flatMap { former in number.map { $0 - former } }
                series[index].append(change)
            } else {
                series[index].append(number)
            }
            former[index] = number
        }
    }

    /// The run begins anew.
    mutating func startOver() {
        if observer != nil { observe(from: Observer(of: scenario)) }
    }

    /// - Parameter height: Rows of the picture that they may use.
    func draw(on canvas: Canvas, height: Int, dot: Int, font: BitmapFont) {
        guard isShown, let steps else { return }
        for index in quantities.indices {
            ChartPanel(index, of: quantities.count, width: canvas.width, height: height, dot: dot, font: font)?.draw(
                series[index],
                named: quantities[index].name,
                steps: steps,
                color: Charts.colors[index],
                on: canvas
            )
        }
    }

    private mutating func observe(from observer: Observer) {
        self.observer = observer
        former = Array(repeating: nil, count: quantities.count)
        series = Array(repeating: ChartSeries(), count: quantities.count)
        steps = nil
    }
}

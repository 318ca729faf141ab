extension RobotWindow {
    /// Does what the user has wanted.
    ///
    /// - Returns: What else is to be shown because of that, if anything.
    func perform(_ command: Command) throws -> Wish? {
        if case .show = command { return nil }
        notice = nil
        problem = nil
        switch command {
        case .end: return .end
        case .restart: return .restart
        case .pauseOrGoOn: pace.pauseOrGoOn(now: clock.now)
        case .stepOnce(let isHeld): pace.stepOnce(isHeld: isHeld, now: clock.now)
        // No world can go back.
        case .stepBack(let isHeld): if place != nil { pace.stepOnce(back: true, isHeld: isHeld, now: clock.now) }
        case .jump(let point): return wish(toJumpTo: point)
        case .faster: pace.change(faster: true, now: clock.now)
        case .slower: pace.change(faster: false, now: clock.now)
        case .trails: trails = trails == nil ? Trails() : nil
        case .arrows: showsArrows.toggle()
        case .flashes: flashes = flashes == nil ? Flashes() : nil
        case .charts: if let step { charts?.showOrHide(at: step) }
        case .help: showsHelp.toggle()
        case .fullScreen: window.toggleFullScreen()
        case .savePicture: try savePicture()
        case .add(let drag): step.map { add(drag, in: $0) }
        case .remove(let point): step.map { remove(at: point, in: $0) }
        case .zoom(let factor, let point): view.zoom(by: factor, at: point)
        case .pan(let x, let y): view.pan(x: x, y: y)
        case .show: break
        }
        return nil
    }

    private func wish(toJumpTo point: Point) -> Wish? {
        guard let bar = window.bar, let place else { return nil }
        let index = bar.index(at: point, of: place.count)
        return index == place.index ? nil : .state(index)
    }
}

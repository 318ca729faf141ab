import CTasklets
import Tasklets

/// What the module keeps in each scheduler: spare records, the generators, and what a program has put in to be called.
///
/// Safe because only the scheduler's thread gets at it, and the scheduler says when it is over.
@safe
struct Flows {
    struct Fields: ~Copyable {
        let core: SchedulerCore
        var spares = SpareRecords<FlowRecord>()
        var lastNumber = 0
        /// The ring of the generators that have started and not ended begins and ends here.
        let generators: FlowRecord
        var tracer: ((GreenletEvent) throws -> Void)?
        /// The transfer that is under way and has to be told to the tracer where it arrives.
        var event: GreenletEvent?
        var lostErrorHandler: ((any Error) -> Void)?
    }

    private let memory: UnsafeMutablePointer<Fields>

    var fields: Fields {
        unsafeAddress { unsafe UnsafePointer(memory) }
        nonmutating unsafeMutableAddress { unsafe memory }
    }

    static func of(_ core: SchedulerCore) -> Flows {
        if let memory = unsafe core.memory(of: Fields.self) { return unsafe Flows(memory: memory) }
        return Flows(madeFor: core)
    }

    private init(memory: UnsafeMutablePointer<Fields>) {
        unsafe self.memory = unsafe memory
    }

    private init(madeFor core: SchedulerCore) {
        let generators = FlowRecord(kind: "generator", state: .dead, core: core)
        generators.linkAlone()
        unsafe memory = .allocate(capacity: 1)
        unsafe memory.initialize(to: Fields(core: core, generators: generators))
        unsafe core.add(memory) { [self] end in heed(end) }
    }

    // MARK: Records

    func makeRecord(
        kind: LiteralText,
        name: String?,
        stackSize: Int,
        fileID: StaticString,
        line: UInt
    ) -> FlowRecord {
        let core = fields.core
        fields.lastNumber += 1
        // The scheduler's memory stays as long as one of its records.
        core.makeClaim()
        let record = fields.spares.take() ?? FlowRecord(kind: kind, state: .unstarted, core: core)
        record.fields.fiber.origin.kind = kind
        record.fiber.describe(
            name: name,
            number: fields.lastNumber,
            stackSize: stackSize == Tasklet.defaultStackSize ? stackSize : core.checkedStackSize(stackSize),
            fileID: fileID,
            line: line
        )
        return record
    }

    /// Gives back a record that nobody refers to; on any thread once the scheduler has ended.
    static func discard(_ record: FlowRecord) {
        let core = record.core
        if SchedulerCore.currentIfAny == core, let memory = unsafe core.memory(of: Fields.self) {
            record.clear()
            unsafe memory.pointee.spares.give(record)
        } else {
            record.free()
        }
        core.dropClaim()
    }

    // MARK: Ends

    private func heed(_ end: SchedulerEnd) {
        switch end {
        case .begins: break
        case .fibers(let tasklet): fields.core.endTrees(of: tasklet)
        case .completes: endAll()
        case .isOver: free()
        }
    }

    /// Ends the generators and the trees of main.
    private func endAll() {
        let core = fields.core
        for _ in 0..<SchedulerCore.exitAttempts {
            core.endTrees(of: core.main)
            while let generator = fields.generators.firstParked { generator.end() }
        }
    }

    private func free() {
        while let spare = fields.spares.take() { spare.free() }
        fields.generators.free()
        unsafe memory.deinitialize(count: 1)
        unsafe memory.deallocate()
    }
}

extension FlowRecord {
    /// Makes the record ready for another flow.
    fileprivate func clear() {
        if fields.fiber.origin.name != nil { fields.fiber.origin.name = nil }
        fields.fiber.host = nil
        fields.state = .unstarted
        fields.valueType = nil
        fields.isBeingEnded = false
        fields.refusedYields = 0
        handle = nil
        fields.innermost = nil
        fields.consumerFlow = nil
    }
}

import CTasklets
import Tasklets

/// What the module keeps in each scheduler: spare records, the generators, and what a program has put in to be called.
@safe
struct Flows {
    @safe
    struct Fields {
        let core: SchedulerCore
        /// Records of greenlets that are gone, kept for the next ones and linked by `parent`.
        var firstSpare: FlowRecord?
        var spareCount = 0
        var lastNumber = 0
        /// The ring of the generators that have started and not ended.
        let generators: FlowRecord
        var tracer: ((GreenletEvent) throws -> Void)?
        /// The transfer that is under way and has to be told to the tracer where it arrives.
        var event: GreenletEvent?
        var lostErrorHandler: ((any Error) -> Void)?
        /// Under a sanitizer: what is left of the flow that has ended last.
        var ended = unsafe stack_sanitizer()
        /// And where the one that made the last switch keeps what is known of its stack.
        var departed: UnsafeMutablePointer<stack_sanitizer>?
    }

    let fields: UnsafeMutablePointer<Fields>

    /// More would hold on to memory after a peak.
    private static let spareLimit = 4096

    static func of(_ core: SchedulerCore) -> Flows {
        if let flows = unsafe core.flows { return unsafe Flows(fields: flows.assumingMemoryBound(to: Fields.self)) }
        return Flows(madeFor: core)
    }

    private init(fields: UnsafeMutablePointer<Fields>) {
        unsafe self.fields = unsafe fields
    }

    private init(madeFor core: SchedulerCore) {
        let header = FlowHeader(
            kind: "generator",
            maker: "",
            name: nil,
            number: 0,
            stackSize: 0,
            fileID: "",
            line: 0
        )
        let generators = FlowRecord(header: header, state: .dead, core: core)
        generators.linkAlone()
        unsafe fields = .allocate(capacity: 1)
        unsafe fields.initialize(to: Fields(core: core, generators: generators))
        unsafe core.setFlows(fields) { core, tasklet in
            if let tasklet { return core.endTrees(of: tasklet) }
            Flows.of(core).endAll()
        }
    }

    // MARK: Records

    func makeRecord(
        kind: StaticString,
        maker: StaticString,
        name: String?,
        stackSize: Int,
        fileID: StaticString,
        line: UInt
    ) -> FlowRecord {
        let core = unsafe fields.pointee.core
        unsafe fields.pointee.lastNumber += 1
        let number = unsafe fields.pointee.lastNumber
        let size = stackSize == Tasklet.defaultStackSize ? stackSize : core.checkedStackSize(stackSize)
        // The scheduler's memory stays as long as one of its records.
        core.makeClaim()
        if let spare = unsafe fields.pointee.firstSpare {
            unsafe fields.pointee.firstSpare = spare.parent
            unsafe fields.pointee.spareCount -= 1
            spare.parent = nil
            spare.state = .unstarted
            spare.valueType = nil
            unsafe spare.fields.pointee.header.kind = kind
            unsafe spare.fields.pointee.header.maker = maker
            if name != nil { unsafe spare.fields.pointee.header.name = name }
            unsafe spare.fields.pointee.header.number = number
            unsafe spare.fields.pointee.header.stackSize = size
            unsafe spare.fields.pointee.header.fileID = fileID
            unsafe spare.fields.pointee.header.line = line
            return spare
        }
        let header = FlowHeader(
            kind: kind,
            maker: maker,
            name: name,
            number: number,
            stackSize: size,
            fileID: fileID,
            line: line
        )
        return FlowRecord(header: header, state: .unstarted, core: core)
    }

    var generatorRing: FlowRecord { unsafe fields.pointee.generators }

    /// Keeps a record that nobody refers to for the next one.
    private func reuse(_ record: FlowRecord) {
        guard unsafe fields.pointee.spareCount < Self.spareLimit else { return record.free() }
        if unsafe record.fields.pointee.header.name != nil { unsafe record.fields.pointee.header.name = nil }
        record.isBeingEnded = false
        record.handle = nil
        record.host = nil
        unsafe record.innermost = nil
        unsafe record.consumerFlow = nil
        record.parent = unsafe fields.pointee.firstSpare
        unsafe fields.pointee.firstSpare = record
        unsafe fields.pointee.spareCount += 1
    }

    /// Gives back a record that nobody refers to; on any thread once the scheduler has ended.
    static func discard(_ record: FlowRecord) {
        let core = record.core
        if SchedulerCore.currentIfAny == core, unsafe core.flows != nil {
            Flows.of(core).reuse(record)
        } else {
            record.free()
        }
        core.dropClaim()
    }

    // MARK: Ends

    /// Ends the generators, the trees of main, and with them what there is of this module.
    private func endAll() {
        let core = unsafe fields.pointee.core
        let generators = unsafe fields.pointee.generators
        for _ in 0..<SchedulerCore.exitAttempts {
            core.endTrees(of: core.main)
            while let generator = generators.firstParked { generator.end() }
        }
        unsafe core.setFlows(nil, end: nil)
        while let spare = unsafe fields.pointee.firstSpare {
            unsafe fields.pointee.firstSpare = spare.parent
            spare.free()
        }
        unsafe fields.pointee.generators.free()
        unsafe stack_sanitizer_end(&fields.pointee.ended)
        unsafe fields.deinitialize(count: 1)
        unsafe fields.deallocate()
    }
}

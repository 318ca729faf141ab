/// What the kernel knows of a flow inside a tasklet: of a greenlet or a generator, which runs on a stack of its own while
/// the tasklet is the current one.
///
///     tasklet ──flow──▶ the innermost flow that runs, nil in a tasklet without any
///                         └─host─▶ … ──▶ the tasklet's own, which has no stack here
///
/// The module Greenlets makes flows and switches between them without the scheduler. When the tasklet blocks meanwhile,
/// its context is saved on that flow's stack, and the whole tasklet waits.
@safe
@usableFromInline
package struct FlowHeader {
    /// "greenlet" or "generator", and the type that makes one.
    package var kind: StaticString
    package var maker: StaticString
    package var name: String?
    package var number: Int
    package var fileID: StaticString
    package var line: UInt
    package var stackSize: Int
    /// `nil` in a flow that runs on the stack of its host.
    package var stack: Stack?
    package var host: UnsafeMutableRawPointer?

    package init(
        kind: StaticString,
        maker: StaticString,
        name: String?,
        number: Int,
        stackSize: Int,
        fileID: StaticString,
        line: UInt
    ) {
        self.kind = kind
        self.maker = maker
        self.name = name
        self.number = number
        self.stackSize = stackSize
        self.fileID = fileID
        self.line = line
        unsafe host = nil
    }
}

extension TaskletRecord {
    /// The flow on whose stack the tasklet stands, `nil` on its own. Allocates nothing: asked in a signal handler.
    var flowHeader: UnsafePointer<FlowHeader>? {
        var flow = unsafe self.flow
        while let header = unsafe flow?.assumingMemoryBound(to: FlowHeader.self) {
            if unsafe header.pointee.stack != nil { return unsafe UnsafePointer(header) }
            unsafe flow = unsafe header.pointee.host
        }
        return nil
    }
}

extension SchedulerCore {
    /// Ends what a tasklet has left suspended inside, so that its cleanup runs; in all of the scheduler when `nil`.
    func endFlows(of tasklet: TaskletRecord?) {
        fields.endFlows?(self, tasklet)
    }

    /// The memory of the module Greenlets in this scheduler.
    @inlinable
    package var flows: UnsafeMutableRawPointer? {
        unsafe fields.flows
    }

    package func setFlows(
        _ memory: UnsafeMutableRawPointer?,
        end: ((_ core: SchedulerCore, _ tasklet: TaskletRecord?) -> Void)?
    ) {
        unsafe fields.flows = unsafe memory
        fields.endFlows = end
    }

    package func setFlowTracing(_ isOn: Bool) {
        setAttention(.flowTracing, isOn)
    }
}

import CTasklets
import Synchronization
import Tasklets

/// Native threads that wait in the system for tasklets. Each kind of work has its own, so that slow names keep no other work
/// waiting, and the other way round.
///
/// Safe because the C pool is made for the life of the process, and has a lock.
@safe
package final class WorkerPool: @unchecked Sendable {
    package enum Kind {
        case offload
        case files
        case names
    }

    private let pool: OpaquePointer
    private let currentLimit: Atomic<Int>

    private static let idleTime: Int64 = 10_000_000_000
    package static let offload = WorkerPool("offload", limit: min(max(4 * Int(thread_processor_count()), 8), 64))
    /// More would only wait for the same disk.
    package static let files = WorkerPool("files", limit: 8)
    package static let names = WorkerPool("names", limit: 8)

    private init(_ name: String, limit: Int) {
        unsafe pool = unsafe worker_pool_make(name, Int32(limit), Self.idleTime)
        currentLimit = Atomic(limit)
    }

    package var limit: Int { currentLimit.load(ordering: .relaxed) }

    package func setLimit(_ limit: Int) {
        currentLimit.store(limit, ordering: .relaxed)
        unsafe worker_pool_set_limit(pool, Int32(clamping: limit))
    }

    /// How many threads there are.
    package var size: Int { unsafe Int(worker_pool_size(pool)) }

    private final class Job {
        let function: @Sendable () -> Void

        init(_ function: @escaping @Sendable () -> Void) { self.function = function }
    }

    /// On a worker.
    private static func run(_ argument: UnsafeMutableRawPointer) {
        unsafe callAndRelease(argument)
        // What the job held, a result that nobody takes say, may have run the program's code when it was released.
        SchedulerCore.endThatOfWorker(after: "what a job of another thread held")
    }

    /// Never inlined: the job is gone when it returns.
    @inline(never)
    private static func callAndRelease(_ argument: UnsafeMutableRawPointer) {
        unsafe Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().function()
    }

    fileprivate func add(_ function: @escaping @Sendable () -> Void) throws(SystemError) {
        let job = unsafe Unmanaged.passRetained(Job(function))
        let result = unsafe worker_pool_add(
            pool,
            { unsafe WorkerPool.run($0) },
            job.toOpaque()
        )
        if result >= 0 { return }
        unsafe job.release()
        throw SystemError(number: -result, "make a thread")
    }
}

extension SystemPorts {
    package func perform(
        _ job: @escaping @Sendable () -> Void,
        by workers: WorkerPool.Kind
    ) throws(SystemError) {
        switch workers {
        case .offload: try WorkerPool.offload.add(job)
        case .files: try WorkerPool.files.add(job)
        case .names: try WorkerPool.names.add(job)
        }
    }
}

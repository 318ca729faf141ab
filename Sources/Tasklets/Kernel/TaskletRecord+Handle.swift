/// A box of its own, since a weak field would make every record slow to make and to free.
@usableFromInline
final class WeakHandle {
    weak var handle: TaskletHandle?

    init(_ handle: TaskletHandle) {
        self.handle = handle
    }
}

/// How a record keeps its handle, and refers to it while the tasklet is paused.
extension TaskletRecord {
    var handle: TaskletHandle? {
        get { fields.handle }
        nonmutating set { fields.handle = newValue }
    }
    /// Any handle of the record.
    var anyHandle: TaskletHandle {
        if let handle = fields.handle ?? fields.weakHandle?.handle { return handle }
        // The last handle is on its way out on another thread, which waits at the gate.
        let handle = TaskletHandle(record: self)
        refer(weaklyTo: handle)
        return handle
    }
    /// Keeps the handle no longer than others do.
    func weakenHandle() {
        guard let handle = takeHandle() else { return }
        refer(weaklyTo: handle)
    }
    private func refer(weaklyTo handle: TaskletHandle) {
        if fields.weakHandle == nil { fields.weakHandle = WeakHandle(handle) }
    }
    /// A newer handle takes the place of the one referred to.
    func forgetWeakHandle() {
        if fields.weakHandle != nil { fields.weakHandle = nil }
    }
    /// Lets go of the handle. May free the record.
    @inline(__always)
    func dropHandle() {
        // Not before the field is empty: the last handle may free the record, and the field with it.
        withExtendedLifetime(takeHandle()) {}
    }
    func takeHandle() -> TaskletHandle? {
        fields.handle.take()
    }
    var isHandleUnique: Bool {
        fields.handleCount == 1 && isKnownUniquelyReferenced(&fields.handle)
    }
}

/// A place that may be one of several in a ``select(_:)`` and moves no value: an event, a promise, a semaphore. Whoever
/// hands something over there, a permit, claims the entry first (`WaitEntry.claim`), then sets the `Bool` that is its
/// `argument`.
package protocol SelectPlace: WaitLineOwner {
    /// Whether a caller may go on at once. Asked inside the gate, and under the lock of a shared line.
    var isReady: Bool { get }

    /// Lets the caller go on: does what its operation does when it need not wait. The same holds for it.
    func pass()

    /// Something has been handed over to a caller that does not go on: takes it back. Out of the gate.
    func takeBack()
}

/// A place that hands nothing over, unless something else is said.
extension SelectPlace {
    package func takeBack() {}
}

/// A clause of a ``select(_:)`` for an event, a promise or a semaphore: what lets the caller go on and moves no value.
///
/// Such a type is a `SelectPlace`, and has a method that makes the clause:
///
///     func onAcquire<Result>(_ body: @escaping () throws -> Result) -> PlaceClause<Result> {
///         PlaceClause(self, PlaceWait(self), body)
///     }
public struct PlaceClause<Result>: SelectClause, SelectBody {
    @usableFromInline let place: AnyObject
    @usableFromInline let wait: PlaceWait
    @usableFromInline let body: () throws -> Result

    /// A clause of that place, which `wait` is made of.
    @inlinable @inline(__always)
    package init(_ place: AnyObject, _ wait: PlaceWait, _ body: @escaping () throws -> Result) {
        self.place = place
        self.wait = wait
        self.body = body
    }

    @inlinable @inline(__always)
    public consuming func split() -> (PlaceWait, Self) { (wait, self) }

    @inlinable @inline(__always)
    public func run(_ number: Int, _ wait: UnsafeMutablePointer<PlaceWait>) throws -> Result { try body() }

    @inlinable @inline(__always)
    public func keepPlaces() { withExtendedLifetime(place) {} }
}

/// What a ``PlaceClause`` waits for.
///
/// Safe because the clause keeps the place until `keepPlaces`.
@safe
public struct PlaceWait: SelectWait {
    unowned(unsafe) let place: any SelectPlace
    /// Whether something has been handed over to the tasklet.
    var isHandedOver = false

    package init(_ place: any SelectPlace) {
        unsafe self.place = place
    }

    public static func prepare(_ wait: UnsafeMutablePointer<Self>, _ selection: Selection) {
        unsafe wait.pointee.place.line.prepareToJoin(selection.core)
    }

    public static func take(
        _ wait: UnsafeMutablePointer<Self>,
        _ first: Int,
        _ end: Int,
        _ selection: Selection
    ) -> Int? {
        guard first <= 0, end > 0 else { return nil }
        let place = unsafe wait.pointee.place
        place.line.lock()
        guard place.isReady else {
            place.line.unlock(selection.core)
            return nil
        }
        place.pass()
        place.line.leave(selection.core)
        return 0
    }

    public static func join(
        _ wait: UnsafeMutablePointer<Self>,
        _ number: Int,
        _ entry: Selection.Entry,
        _ selection: Selection
    ) -> Selection.Joining {
        let (place, entry) = unsafe (wait.pointee.place, entry.entry)
        place.line.lock()
        guard place.isReady else {
            unsafe withUnsafeMutablePointer(to: &wait.pointee.isHandedOver) { isHandedOver in
                unsafe entry.describe(at: place, argument: UnsafeMutableRawPointer(isHandedOver))
            }
            place.line.join(entry, selection.core)
            return Selection.Joining(.joined)
        }
        defer { place.line.unlock(selection.core) }
        guard entry.takeOwnWait() else { return Selection.Joining(.tooLate) }
        place.pass()
        return Selection.Joining(.ready)
    }

    public static func fail(_ wait: UnsafeMutablePointer<Self>, _ error: any Error) -> any Error {
        if unsafe wait.pointee.isHandedOver { unsafe wait.pointee.place.takeBack() }
        return error
    }
}

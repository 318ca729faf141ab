/// Carries what stays on one thread to another one, where the tests show that it is refused.
package struct Smuggled<Value>: @unchecked Sendable {
    package let value: Value

    package init(value: Value) {
        self.value = value
    }
}

/// The cases whose trace shows what the library does otherwise on purpose, by name, each with the reason.
///
/// They run all the same: one that gives the golden trace after all does not belong here, and the tests say so.
enum LeftOutCases {
    enum Reason: String {
        case lostValue = "a blocked sender never loses its value (quirk lost-value)"
        case sentErrorLeaks = "an error sent by a blocked tasklet does not come out of run() (quirk sent-error-leaks)"
        case temporaryValue = "schedule_remove() carries no value (tempval)"
    }

    static let byName: [String: Reason] = [
        "deadlock_drops_mains_value": .lostValue,
        "send_exception_last_to_block_leaks_to_run": .sentErrorLeaks,
        "tempval_overrides_schedule_value": .temporaryValue,
    ]
}

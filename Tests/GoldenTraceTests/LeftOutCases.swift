/// The cases whose trace shows what the library does otherwise on purpose, by name, each with the reason.
///
/// They run all the same: one that gives the golden trace after all does not belong here, and the tests say so.
enum LeftOutCases {
    enum Reason: String {
        case lostValue = "a blocked sender never loses its value (quirk lost-value)"
        case sentErrorLeaks = "an error sent by a blocked tasklet does not come out of run() (quirk sent-error-leaks)"
        case temporaryValue = "schedule_remove() carries no value (tempval)"
    }

    static let byName: [String: Reason] = Dictionary(
        uniqueKeysWithValues: lostValue.map { ($0, .lostValue) } + sentErrorLeaks.map { ($0, .sentErrorLeaks) }
            + ["tempval_overrides_schedule_value"].map { ($0, .temporaryValue) }
    )

    private static let lostValue = [
        "deadlock_drops_mains_value", "random_a001", "random_a007", "shared_c026", "shared_c041",
        "shared_c093", "shared_c142", "shared_c383", "shared_c434", "shared_c452", "shared_c493",
        "shared_d040", "shared_d043", "shared_d066", "shared_d277", "shared_d296", "shared_d492",
    ]

    private static let sentErrorLeaks = [
        "send_exception_last_to_block_leaks_to_run", "shared_d021", "shared_d056", "shared_d063",
        "shared_d270", "shared_d324", "shared_d363", "shared_d407", "shared_d420", "shared_d455",
        "shared_d456", "shared_d476",
    ]
}

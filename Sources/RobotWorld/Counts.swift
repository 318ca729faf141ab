/// What is counted while a world runs. Its actors share it.
package final class Counts {
    var messages = 0
    var collisions = 0
    var updates = 0

    package init() {}
}

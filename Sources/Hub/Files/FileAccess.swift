/// What a file is opened for.
public enum FileAccess: Hashable, Sendable {
    /// The file has to be there.
    case reading
    /// What was in it is gone; it is made if it is not there.
    case writing
    /// What is written goes to the end, whatever others write; the file is made if it is not there.
    case appending
    /// Reading and writing of a new file; an error if it is there.
    case creating
    /// Reading and writing; what is in it stays, and it is made if it is not there.
    case updating
}

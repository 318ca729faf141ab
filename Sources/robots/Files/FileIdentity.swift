import Glibc

/// Tells whether two names stand for the same file, which may have several names and may not exist yet.
enum FileIdentity: Equatable {
    case file(device: UInt, number: UInt)
    case name([CChar])

    /// What an output's name stands for; nil where any number of outputs may go, such as `/dev/null`.
    init?(ofOutput path: String) {
        guard let place = try? OutputPlace(path: path) else {
            self = .name(path.fileName)
            return
        }
        self.init(place)
        // Number 1 are the devices without anything behind them.
        if let status = place.status, status.st_mode & S_IFMT == S_IFCHR, status.st_rdev >> 8 == 1 { return nil }
    }

    /// What an input's name stands for; nil when it is no file that an output could spoil.
    init?(ofInput path: String) {
        guard let place = try? OutputPlace(path: path, standard: STDIN_FILENO) else { return nil }
        if let status = place.status, status.st_mode & S_IFMT != S_IFREG { return nil }
        self.init(place)
    }

    /// An ordinary file that the program writes to through a descriptor all the time; nil when it is another thing.
    init?(ofDescriptor number: Int32) {
        guard let status = OutputPlace.descriptor(number).status, status.st_mode & S_IFMT == S_IFREG else { return nil }
        self.init(status)
    }

    private init(_ place: OutputPlace) {
        if let status = place.status {
            self.init(status)
        } else {
            switch place {
            case .descriptor(let number): self = .name("/proc/self/fd/\(number)".fileName)
            case .descriptorOfAnother(let path), .special(let path): self = .name(path.fileName)
            case .file(let file): self = .name(file.path.fileName)
            }
        }
    }

    private init(_ status: stat) {
        self = .file(device: UInt(status.st_dev), number: UInt(status.st_ino))
    }
}

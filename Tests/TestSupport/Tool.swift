import Foundation

/// A program that a test needs and that not every machine has.
package enum Tool {
    /// The Debian package that each of them is in. `make test` installs them all.
    private static let packages = [
        "convert": "imagemagick", "ffmpeg": "ffmpeg", "ffprobe": "ffmpeg", "gdb": "gdb", "git": "git",
        "identify": "imagemagick", "import": "imagemagick", "rsvg-convert": "librsvg2-bin", "tar": "tar",
        "timeout": "coreutils", "xdotool": "xdotool", "Xvfb": "xvfb",
    ]

    /// Why a test that needs the program fails.
    package struct Missing: Error, CustomStringConvertible {
        package let name: String

        package var description: String {
            let remedy = packages[name].map { "install the Debian package \($0)" } ?? "add its package to Tool.packages"
            return "There is no program \(name) in the PATH: \(remedy)"
        }
    }

    /// Where the program is.
    ///
    /// - Throws: ``Missing``, which says what to install.
    package static func named(_ name: String) throws -> URL {
        let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        let paths = folders.map { "\($0)/\(name)" }
        guard packages[name] != nil, let path = paths.first(where: FileManager.default.isExecutableFile) else {
            throw Missing(name: name)
        }
        return URL(filePath: path)
    }
}

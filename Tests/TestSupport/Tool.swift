import Foundation

/// A program that a test needs and that not every machine has.
package enum Tool {
    /// The Debian package that each of them is in. `make test` installs them all.
    private static let packages = [
        "addr2line": "binutils", "bash": "bash", "convert": "imagemagick", "curl": "curl", "ffmpeg": "ffmpeg",
        "ffprobe": "ffmpeg", "fish": "fish", "gdb": "gdb", "git": "git", "identify": "imagemagick",
        "import": "imagemagick", "jq": "jq", "nginx": "nginx-light", "openssl": "openssl", "python3": "python3",
        "rsvg-convert": "librsvg2-bin", "script": "bsdutils", "setpriv": "util-linux", "strace": "strace",
        "strip": "binutils", "tar": "tar", "timeout": "coreutils", "twm": "twm", "weston": "weston", "wrk": "wrk",
        "xdotool": "xdotool", "xmllint": "libxml2-utils", "Xvfb": "xvfb", "zsh": "zsh",
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

    /// The same for all of them that a script of the shell mentions.
    package static func require(in script: String) throws {
        let words = Set(script.split { !$0.isLetter && $0 != "-" }.map(String.init))
        for name in words.intersection(packages.keys).sorted() { _ = try named(name) }
    }
}

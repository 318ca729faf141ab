import Foundation

extension Folder {
    /// What the compiler finds wrong in a file of the folder, which may import the modules of this package.
    func typecheck(_ file: String) throws -> Result {
        // The built modules lie beside the tests in the build folder.
        let build = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources").standardized
        let own = ["CTasklets/include", "COpenSSL"].map { sources.appending(path: "\($0)/module.modulemap") }
        let maps = own + mapsOfDependencies(build)
        return try run(
            [
                "swiftc", "-typecheck", "-swift-version", "6", "-suppress-warnings", "-I",
                build.appending(path: "Modules").path,
            ]
                + maps.flatMap { ["-Xcc", "-fmodule-map-file=\($0.path)"] } + [file]
        )
    }

    /// The C modules that swift-nio uses: whoever imports `HTTP` needs them. Those without a map of their own have one in the
    /// build folder.
    private func mapsOfDependencies(_ build: URL) -> [URL] {
        #if HTTP
        let files = FileManager.default
        let content = { (folder: URL) in
            (try? files.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        }
        let built = content(build).filter { $0.lastPathComponent.hasPrefix("CNIO") }
            .map { $0.appending(path: "module.modulemap") }
        let checkedOut = content(build.appending(path: "../../checkouts").standardized)
            .flatMap { content($0.appending(path: "Sources")) }
            .map { $0.appending(path: "include/module.modulemap") }
        return (built + checkedOut).filter { files.fileExists(atPath: $0.path) }
        #else
        return []
        #endif
    }
}

import Foundation
import Testing

extension Folder {
    /// What the compiler finds wrong in a file of the folder, which may import the modules of this package.
    func typecheck(_ file: String) throws -> Result {
        try run(["swiftc", "-typecheck"] + options + [file])
    }

    /// Builds a program from a file of the folder, which may import the modules of `TaskletKit`.
    func build(_ file: String) throws -> URL {
        let program = url.appending(path: "program")
        let modules = ["CTasklets", "Channels", "Greenlets", "Hub", "Sync", "TaskletKit", "Tasklets"]
        let objects = try modules.flatMap { module in
            let folder = products.appending(path: "\(module).build")
            let files = try #require(FileManager.default.enumerator(atPath: folder.path))
            return files.compactMap { $0 as? String }.filter { $0.hasSuffix(".o") }
                .map { folder.appending(path: $0).path }
        }
        let result = try run(["swiftc", "-o", program.path] + options + [file] + objects)
        try #require(result.exitCode == 0, "\(result.text)")
        return program
    }

    /// The built modules lie beside the tests in the build folder.
    private var products: URL {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    }

    private var options: [String] {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources").standardized
        let own = ["CTasklets/include", "COpenSSL"].map { sources.appending(path: "\($0)/module.modulemap") }
        let maps = own + mapsOfDependencies(products)
        return ["-swift-version", "6", "-suppress-warnings", "-I", products.appending(path: "Modules").path]
            + maps.flatMap { ["-Xcc", "-fmodule-map-file=\($0.path)"] }
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

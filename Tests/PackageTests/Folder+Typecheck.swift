import Foundation

extension Folder {
    /// What the compiler finds wrong in a file of the folder, which may import the modules of this package.
    func typecheck(_ file: String) throws -> Result {
        // The built modules lie beside the tests in the build folder.
        let modules = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "Modules")
        let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources").standardized
        let maps = ["CTasklets/include", "COpenSSL"].flatMap { folder in
            ["-Xcc", "-fmodule-map-file=\(sources.appending(path: "\(folder)/module.modulemap").path)"]
        }
        return try run(
            ["swiftc", "-typecheck", "-swift-version", "6", "-suppress-warnings", "-I", modules.path] + maps + [file]
        )
    }
}

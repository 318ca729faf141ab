import Foundation

extension Folder {
    /// What the compiler finds wrong in a file of the folder, which may import the modules of this package.
    func typecheck(_ file: String) throws -> Result {
        // The built modules lie beside the tests in the build folder.
        let modules = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "Modules")
        let map = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/CTasklets/include/module.modulemap").standardized
        return try run([
            "swiftc", "-typecheck", "-swift-version", "6", "-suppress-warnings", "-I", modules.path, "-Xcc",
            "-fmodule-map-file=\(map.path)", file,
        ])
    }
}

// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "CurlProgram",
    dependencies: [.package(name: "swift-tasklets", path: "../..", traits: [])],
    targets: [
        .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .executableTarget(
            name: "CurlProgram",
            dependencies: [
                "CCurl",
                .product(name: "Tasklets", package: "swift-tasklets"),
                .product(name: "Channels", package: "swift-tasklets"),
                .product(name: "Hub", package: "swift-tasklets"),
            ],
            swiftSettings: [.strictMemorySafety(), .treatAllWarnings(as: .error)]
        ),
    ]
)

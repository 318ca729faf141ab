// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "TaskletHTTP",
    dependencies: [.package(name: "swift-tasklets", path: "../../../..", traits: ["HTTP"])],
    targets: [
        .executableTarget(
            name: "TaskletHTTP",
            dependencies: [
                .product(name: "HTTP", package: "swift-tasklets"), .product(name: "Hub", package: "swift-tasklets"),
                .product(name: "Tasklets", package: "swift-tasklets"),
            ]
        )
    ]
)

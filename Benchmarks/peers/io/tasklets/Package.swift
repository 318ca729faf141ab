// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "tasklet-echo",
    dependencies: [.package(name: "swift-tasklets", path: "../../../..", traits: [])],
    targets: [
        .executableTarget(
            name: "TaskletEcho",
            dependencies: [
                .product(name: "Channels", package: "swift-tasklets"),
                .product(name: "Hub", package: "swift-tasklets"),
                .product(name: "Tasklets", package: "swift-tasklets"),
            ],
            swiftSettings: [.strictMemorySafety(), .treatAllWarnings(as: .error)]
        )
    ]
)

// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "TaskletTLS",
    dependencies: [.package(name: "swift-tasklets", path: "../../../..", traits: ["TLS"])],
    targets: [
        .executableTarget(
            name: "TaskletTLS",
            dependencies: [
                .product(name: "Hub", package: "swift-tasklets"),
                .product(name: "TLS", package: "swift-tasklets"),
                .product(name: "Tasklets", package: "swift-tasklets"),
            ],
            swiftSettings: [.strictMemorySafety(), .treatAllWarnings(as: .error)]
        )
    ]
)

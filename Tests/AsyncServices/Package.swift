// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "AsyncServices",
    dependencies: [
        .package(name: "swift-tasklets", path: "../..", traits: []),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.4"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .executableTarget(
            name: "AsyncServices",
            dependencies: [
                .product(name: "Tasklets", package: "swift-tasklets"),
                .product(name: "Channels", package: "swift-tasklets"),
                .product(name: "Hub", package: "swift-tasklets"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "AsyncAlgorithms", package: "swift-async-algorithms"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: [.strictMemorySafety(), .treatAllWarnings(as: .error)]
        )
    ]
)

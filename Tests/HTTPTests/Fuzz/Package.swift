// swift-tools-version: 6.2

import PackageDescription

// A package of its own: `make fuzz-http` builds all of its code for libFuzzer.
let package = Package(
    name: "FuzzHTTP",
    dependencies: [.package(name: "swift-tasklets", path: "../../..", traits: ["HTTP"])],
    targets: [
        .target(name: "CFuzzer"),
        .executableTarget(
            name: "FuzzHTTP",
            dependencies: [
                "CFuzzer", .product(name: "HTTP", package: "swift-tasklets"),
                .product(name: "Hub", package: "swift-tasklets"), .product(name: "Sync", package: "swift-tasklets"),
                .product(name: "Tasklets", package: "swift-tasklets"),
            ],
            swiftSettings: [.define("HTTP"), .unsafeFlags(["-parse-as-library"])]
        ),
    ]
)

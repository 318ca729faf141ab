// swift-tools-version: 6.2

import PackageDescription

// A package of its own: all of its code is built for libFuzzer, which `make fuzz-http` says.
let package = Package(
    name: "FuzzHTTP",
    dependencies: [.package(name: "swift-tasklets", path: "../../..", traits: ["HTTP"])],
    targets: [
        .executableTarget(
            name: "FuzzHTTP",
            dependencies: [
                .product(name: "HTTP", package: "swift-tasklets"), .product(name: "Hub", package: "swift-tasklets"),
                .product(name: "Tasklets", package: "swift-tasklets"),
            ],
            swiftSettings: [.define("HTTP"), .unsafeFlags(["-parse-as-library", "-sanitize=fuzzer"])],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]
        )
    ]
)

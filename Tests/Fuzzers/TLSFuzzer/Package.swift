// swift-tools-version: 6.2

import PackageDescription

// A package of its own: it is built with `--sanitize=fuzzer`, which brings its own `main`.
let package = Package(
    name: "TLSFuzzer",
    dependencies: [.package(name: "swift-tasklets", path: "../../..", traits: ["TLS"])],
    targets: [
        .executableTarget(
            name: "TLSFuzzer",
            dependencies: [
                .product(name: "Hub", package: "swift-tasklets"), .product(name: "TLS", package: "swift-tasklets"),
            ],
            swiftSettings: [.unsafeFlags(["-parse-as-library"])]
        )
    ]
)

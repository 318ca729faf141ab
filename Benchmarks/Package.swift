// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "benchmarks",
    dependencies: [
        .package(name: "swift-tasklets", path: "..", traits: []),
        .package(url: "https://github.com/ordo-one/benchmark", exact: "1.38.1", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "TaskletBenchmarks",
            dependencies: [
                .product(name: "Benchmark", package: "benchmark"),
                .product(name: "Channels", package: "swift-tasklets"),
                .product(name: "Greenlets", package: "swift-tasklets"),
                .product(name: "Tasklets", package: "swift-tasklets"),
            ],
            path: "Benchmarks/Tasklets",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
        )
    ]
)

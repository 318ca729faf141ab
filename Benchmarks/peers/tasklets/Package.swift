// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "tasklet-jobs",
    dependencies: [.package(name: "swift-tasklets", path: "../../..", traits: [])],
    targets: [
        .target(name: "CAllocations"),
        .executableTarget(
            name: "TaskletJobs",
            dependencies: [
                "CAllocations",
                .product(name: "Channels", package: "swift-tasklets"),
                .product(name: "Greenlets", package: "swift-tasklets"),
                .product(name: "Hub", package: "swift-tasklets"),
                .product(name: "RobotWorld", package: "swift-tasklets"),
                .product(name: "Sync", package: "swift-tasklets"),
                .product(name: "Tasklets", package: "swift-tasklets"),
            ],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .strictMemorySafety(),
                .treatAllWarnings(as: .error),
            ]
        ),
    ]
)

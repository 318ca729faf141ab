// swift-tools-version: 6.2

import PackageDescription

/// Settings of every Swift target.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// Tests may use unsafe constructs without saying so at each of them.
let testSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// Programs under Examples/, each with what it prints in expected.txt.
let examples: [Target] =
    [
        "Buffer", "BunsByChannels", "BunsByGenerators", "BunsByGreenlets", "DeadlockReport", "ErrorsToTheParent",
        "ExitError", "FailingJob", "Generator", "HelloWorld", "InOrderOfFinishing", "Messages", "Parents",
        "Permutations", "Ping", "PingPongActors", "Pipeline", "PoolOfThree", "PrintInTurn", "PrintOneByOne",
        "ProducerAndConsumer", "RateLimiter", "ResizablePool", "SleepsInOrder", "ThreeTasklets", "TimeoutBlock",
        "TreeWalk", "TwoGreenlets", "Workers", "WriterAndReader",
    ].map { name in
        .executableTarget(
            name: name,
            dependencies: ["Tasklets", "Channels", "Greenlets", "Sync"],
            path: "Examples/\(name)",
            exclude: ["expected.txt"],
            swiftSettings: settings
        )
    }
    + [
        "AsyncCalls", "ChatServer", "ChildAndTicker", "EchoServer", "HundredEchoes", "PageFetcher", "PortScanner",
        "Proxy", "SessionServer", "TwoTaskletsOnePipe", "Whois",
    ].map { name in
        .executableTarget(
            name: name,
            dependencies: ["Hub", "Tasklets", "Channels", "Sync"],
            path: "Examples/\(name)",
            exclude: ["expected.txt"],
            swiftSettings: settings
        )
    }
    + ["BankRenege", "EarlyStop", "JSONEvents", "ServerAndClients", "SilentProducer", "TenThousandJobs", "TwoThreads"]
    .map {
        name in
        .executableTarget(
            name: name,
            dependencies: ["TaskletKit"],
            path: "Examples/\(name)",
            exclude: ["expected.txt"],
            swiftSettings: settings
        )
    }
    + ["GameOfLife"].map { name in
        .executableTarget(
            name: name,
            dependencies: ["Actors", "Tasklets"],
            path: "Examples/\(name)",
            exclude: ["expected.txt"],
            swiftSettings: settings
        )
    }
    // What these report on standard error is in errors.txt.
    + ["LateReply", "OverdrawnAccount"].map { name in
        .executableTarget(
            name: name,
            dependencies: ["Exploration", "Tasklets", "Channels", "Sync"],
            path: "Examples/\(name)",
            exclude: ["expected.txt", "errors.txt"],
            swiftSettings: settings
        )
    } + [.testTarget(name: "ExampleTests", swiftSettings: testSettings)]

let package = Package(
    name: "swift-tasklets",
    products: [
        .library(name: "TaskletKit", targets: ["TaskletKit"]),
        .library(name: "Tasklets", targets: ["Tasklets"]),
        .library(name: "Channels", targets: ["Channels"]),
        .library(name: "Greenlets", targets: ["Greenlets"]),
        .library(name: "Sync", targets: ["Sync"]),
        .library(name: "Actors", targets: ["Actors"]),
        .library(name: "Hub", targets: ["Hub"]),
        .library(name: "TLS", targets: ["TLS"]),
        .library(name: "HTTP", targets: ["HTTP"]),
        .library(name: "Exploration", targets: ["Exploration"]),
        .library(name: "RobotWorld", targets: ["RobotWorld"]),
        .executable(name: "robots", targets: ["robots"]),
    ],
    // What a package does not ask for is not resolved, built or installed for it. `Robots` is on by default, so that `swift
    // run robots` needs no option; a package that depends on this one says `traits: []`.
    traits: [
        .default(enabledTraits: ["Robots"]),
        .trait(name: "Robots", description: "The program robots, on swift-argument-parser: needs libsdl2-dev."),
        .trait(name: "TLS", description: "The product TLS, on OpenSSL: needs libssl-dev."),
        .trait(name: "HTTP", description: "The product HTTP, on swift-nio and swift-http-types."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        .target(name: "CTasklets"),
        .systemLibrary(name: "CExtendedAttributes"),
        .target(name: "Tasklets", dependencies: ["CTasklets"], swiftSettings: settings),
        .target(name: "Channels", dependencies: ["Tasklets", "CTasklets"], swiftSettings: settings),
        .target(name: "Greenlets", dependencies: ["Tasklets", "CTasklets"], swiftSettings: settings),
        .target(name: "Sync", dependencies: ["Channels", "Tasklets"], swiftSettings: settings),
        .target(name: "Hub", dependencies: ["Channels", "Sync", "Tasklets", "CTasklets"], swiftSettings: settings),
        .target(
            name: "TaskletKit",
            dependencies: ["Channels", "Greenlets", "Hub", "Sync", "Tasklets"],
            swiftSettings: settings
        ),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        .target(
            name: "TLS",
            dependencies: [
                "Hub", "Sync", "Tasklets", "CTasklets", .target(name: "COpenSSL", condition: .when(traits: ["TLS"])),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "HTTP",
            dependencies: [
                "Hub", "Sync", "Tasklets",
                .product(name: "HTTPTypes", package: "swift-http-types", condition: .when(traits: ["HTTP"])),
                .product(name: "NIOHTTP1", package: "swift-nio", condition: .when(traits: ["HTTP"])),
                .product(name: "NIOEmbedded", package: "swift-nio", condition: .when(traits: ["HTTP"])),
            ],
            swiftSettings: settings
        ),
        .target(name: "Exploration", dependencies: ["Tasklets", "CTasklets"], swiftSettings: settings),
        .target(name: "Actors", dependencies: ["Channels", "Tasklets"], swiftSettings: settings),
        .target(
            name: "RobotWorld",
            dependencies: ["Actors", "Channels", "Tasklets", "CTasklets"],
            swiftSettings: settings
        ),
        // Not by pkg-config: its flag -D_REENTRANT makes SwiftPM warn in each build of each dependent.
        .systemLibrary(name: "CSDL2", providers: [.apt(["libsdl2-dev"])]),
        .executableTarget(
            name: "robots",
            dependencies: [
                "RobotWorld", "Channels", "Tasklets", "CSDL2", "CExtendedAttributes",
                .product(
                    name: "ArgumentParser",
                    package: "swift-argument-parser",
                    condition: .when(traits: ["Robots"])
                ),
            ],
            // A link to the folder at the top: resources have to lie inside their target.
            resources: [.embedInCode("assets/robot.bmp"), .embedInCode("assets/font.bmp")],
            swiftSettings: settings
        ),
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: testSettings),
        .target(name: "CTestFunctions", path: "Tests/CTestFunctions"),
        .testTarget(
            name: "TaskletsTests",
            dependencies: ["Tasklets", "CTasklets", "ObservedProgram", "TestSupport", "CTestFunctions"],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "ChannelsTests",
            dependencies: ["Channels", "TestSupport", "CTestFunctions"],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "GreenletsTests",
            dependencies: ["Greenlets", "Tasklets", "Channels", "TestSupport"],
            resources: [.copy("Fixtures")],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "SyncTests",
            dependencies: [
                "Hub", "Sync", "Channels", "Greenlets", "Tasklets", "CTasklets", "TestSupport",
                "CTestFunctions",
            ],
            swiftSettings: testSettings
        ),
        .executableTarget(
            name: "AsyncProgram",
            dependencies: ["Hub", "Tasklets"],
            path: "Tests/AsyncProgram",
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "HubTests",
            dependencies: [
                "AsyncProgram", "Hub", "Sync", "Channels", "Tasklets", "CTasklets", "TestSupport", "CTestFunctions",
            ],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "TLSTests",
            dependencies: ["TLS", "Hub", "Sync", "Channels", "Tasklets", "TestSupport"],
            resources: [.copy("Corpus")],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "HTTPTests",
            dependencies: ["HTTP", "Hub", "Sync", "Channels", "Tasklets", "TestSupport"],
            exclude: ["Corpus", "Fuzz", "Oracles"],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "ExplorationTests",
            dependencies: [
                "Exploration", "ExplorationSupport", "ExploredProgram", "Sync", "Channels", "Greenlets", "Tasklets",
                "TestSupport",
            ],
            swiftSettings: testSettings
        ),
        .target(
            name: "ExplorationSupport",
            dependencies: ["Exploration", "Sync", "Channels", "Tasklets", "TestSupport"],
            path: "Tests/ExplorationSupport",
            swiftSettings: testSettings
        ),
        .executableTarget(
            name: "ExploredProgram",
            dependencies: ["Exploration", "ExplorationSupport", "Tasklets"],
            path: "Tests/ExploredProgram",
            swiftSettings: settings
        ),
        .testTarget(
            name: "GoldenTraceTests",
            dependencies: ["Exploration", "Tasklets", "Channels", "EndOfProgram", "TestSupport"],
            resources: [.copy("Fixtures")],
            swiftSettings: testSettings
        ),
        .executableTarget(
            name: "EndOfProgram",
            dependencies: ["Tasklets", "Channels"],
            path: "Tests/EndOfProgram",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "ObservedProgram",
            dependencies: ["Tasklets", "Channels"],
            path: "Tests/ObservedProgram",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "Soak",
            dependencies: [
                "Tasklets", "Channels", "Greenlets", "Hub", "Sync", "TestSupport",
                .product(
                    name: "ArgumentParser",
                    package: "swift-argument-parser",
                    condition: .when(traits: ["Robots"])
                ),
            ],
            path: "Tests/Soak",
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "ActorsTests",
            dependencies: ["Actors", "Channels", "Tasklets"],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "RobotWorldTests",
            dependencies: ["Actors", "RobotWorld", "Channels", "Tasklets"],
            resources: [.copy("Fixtures")],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RobotsProgramTests",
            dependencies: ["RobotWorld", "robots", "CExtendedAttributes", "TestSupport"],
            swiftSettings: settings
        ),
        // The libraries are there for what it compiles.
        .testTarget(
            name: "PackageTests",
            dependencies: ["Exploration", "RobotWorld", "TaskletKit", "TestSupport"],
            swiftSettings: testSettings
        ),
    ] + examples
)

// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "PetNexus",
    products: [
        .library(name: "Engine", targets: ["Engine"]),
        .library(name: "Transport", targets: ["Transport"]),
        .executable(name: "petnexus", targets: ["Program"]),
        .executable(name: "loadtest", targets: ["LoadTest"]),
        .executable(name: "floor", targets: ["Floor"]),
        .executable(name: "micro", targets: ["Micro"]),
        .executable(name: "storebench", targets: ["StoreBenchmark"]),
        .executable(name: "community", targets: ["Community"]),
        .executable(name: "fuzz", targets: ["Fuzz"]),
        .executable(name: "simulate", targets: ["Simulate"]),
        .executable(name: "echo-server", targets: ["EchoServer"]),
    ],
    targets: [
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CSQLite"),
        .systemLibrary(name: "CZlib"),
        .systemLibrary(name: "CCrypt"),
        .systemLibrary(name: "CHiredis"),
        .target(name: "Engine", swiftSettings: settings),
        .target(
            name: "Transport", dependencies: ["Engine", "CHiredis", "CLinux", "CSQLite", "CZlib"],
            swiftSettings: settings),
        .target(
            name: "App", dependencies: ["Engine", "Transport", "CCrypt"], exclude: ["Program"],
            swiftSettings: settings),
        .executableTarget(
            name: "Program", dependencies: ["App", "Engine", "Transport"],
            path: "Sources/App/Program", swiftSettings: settings),
        .target(
            name: "Measure", dependencies: ["Transport"], path: "Benchmarks/Measure",
            swiftSettings: settings),
        .executableTarget(
            name: "LoadTest", dependencies: ["Measure", "Transport"], path: "Benchmarks/LoadTest",
            swiftSettings: settings),
        .executableTarget(
            name: "Floor", dependencies: ["Measure", "Transport"], path: "Benchmarks/Floor",
            swiftSettings: settings),
        .target(name: "CountedAllocations", path: "Benchmarks/CountedAllocations"),
        .executableTarget(
            name: "Micro",
            dependencies: ["App", "CountedAllocations", "Engine", "Measure", "Transport"],
            path: "Benchmarks/Micro", exclude: ["instructions", "thresholds.json"],
            swiftSettings: settings),
        .executableTarget(
            name: "StoreBenchmark", dependencies: ["Engine", "Measure", "Transport"],
            path: "Benchmarks/Store", swiftSettings: settings),
        .executableTarget(
            name: "Community", dependencies: ["App", "Engine", "Measure", "Transport"],
            path: "Benchmarks/Community", swiftSettings: settings),
        .executableTarget(
            name: "Fuzz", dependencies: ["Transport"], path: "Tests/Fuzz",
            swiftSettings: settings),
        .executableTarget(
            name: "EchoServer", dependencies: ["Transport"], path: "Tests/Conformance/EchoServer",
            swiftSettings: settings),
        .target(
            name: "TestSupport", dependencies: ["Engine"], path: "Tests/Support",
            swiftSettings: settings),
        .target(
            name: "Simulation", dependencies: ["Engine", "TestSupport", "Transport"],
            path: "Tests/Simulation",
            exclude: ["Program", "Tests", "mutants"], swiftSettings: settings),
        .executableTarget(
            name: "Simulate", dependencies: ["Simulation"], path: "Tests/Simulation/Program",
            swiftSettings: settings),
        .testTarget(
            name: "SimulationTests", dependencies: ["Simulation"],
            path: "Tests/Simulation/Tests", swiftSettings: settings),
        .testTarget(
            name: "EngineTests", dependencies: ["Engine", "TestSupport"], path: "Tests/Engine",
            swiftSettings: settings),
        .testTarget(
            name: "TransportTests", dependencies: ["Engine", "Transport", "TestSupport"],
            path: "Tests/Transport", swiftSettings: settings),
        .testTarget(
            name: "ContractTests", dependencies: ["Engine", "Transport", "TestSupport"],
            path: "Tests/Contract", swiftSettings: settings),
        .testTarget(
            name: "AppTests", dependencies: ["App", "Engine", "Transport", "TestSupport"],
            path: "Tests/App", swiftSettings: settings),
        .testTarget(
            name: "LoadTestTests", dependencies: ["LoadTest", "Measure"], path: "Tests/LoadTest",
            swiftSettings: settings),
        .testTarget(name: "TidyTests", path: "Tests/Tidy", swiftSettings: settings),
    ]
)

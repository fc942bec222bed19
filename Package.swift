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
        .library(name: "App", targets: ["App"]),
    ],
    targets: [
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CSQLite"),
        .systemLibrary(name: "CZlib"),
        .systemLibrary(name: "CCrypt"),
        .target(name: "Engine", swiftSettings: settings),
        .target(
            name: "Transport", dependencies: ["Engine", "CLinux", "CSQLite", "CZlib"],
            swiftSettings: settings),
        .target(
            name: "App", dependencies: ["Engine", "Transport", "CCrypt"], swiftSettings: settings),
        .testTarget(
            name: "EngineTests", dependencies: ["Engine"], path: "Tests/Engine",
            swiftSettings: settings),
    ]
)

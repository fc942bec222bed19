/// Decides when a step of an in-memory adapter happens: at once, or whenever a simulator runs it.
/// Each step must be run once.
public typealias Schedule = @Sendable (_ step: @escaping @Sendable () -> Void) -> Void

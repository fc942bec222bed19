import Engine
import TestSupport

@testable import App

/// Notifications over a store and a log in memory.
struct NotificationsInMemory {
    let store: InMemoryStore
    let broker: InMemoryBroker
    let publisher: NotificationPublisher
    let retention: NotificationRetention
    let notifications: Notifications

    init(
        store: InMemoryStore? = nil, broker: InMemoryBroker? = nil,
        now: @escaping @Sendable () -> Int64 = { 1_000 }
    ) {
        self.store = store ?? InMemoryStore(now: now)
        self.broker = broker ?? InMemoryBroker(epoch: Epoch(rawValue: 7), now: now)
        let people = People(store: self.store)
        retention = NotificationRetention(store: self.store, now: now)
        publisher = NotificationPublisher(
            store: self.store, broker: self.broker, people: people, retention: retention, now: now)
        notifications = Notifications(
            store: self.store, people: people, publisher: publisher, now: now)
    }
}

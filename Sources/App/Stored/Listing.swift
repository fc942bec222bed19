import Engine

/// A place in one of the store's ordered indexes.
struct Listing: Hashable, Sendable {
    let index: String
    let entry: IndexEntry

    init(_ index: String, _ sortKey: [UInt8], _ id: String) {
        self.index = index
        entry = IndexEntry(sortKey: sortKey, id: id)
    }

    var insertion: Change { .insert(entry, index: index) }
    var deletion: Change { .delete(entry, index: index) }
}

import Transport

/// The routes by the segments of their paths. A literal segment goes before a name.
struct RouteTree: Sendable {
    private struct Branch: Sendable {
        var literals: [Substring: Int] = [:]
        /// What follows a name.
        var name: Int?
        /// Indices of the routes that end here.
        var routes: [HTTPMethod: Int] = [:]
    }

    /// What is found at a path.
    enum Finding {
        case route(APIRoute, parameters: [String: String])
        /// The path is known, the method isn't.
        case otherMethods([HTTPMethod])
        case nothing
    }

    private let routes: [APIRoute]
    private var branches = [Branch()]

    /// No two routes may have the same method and the same path.
    init(_ routes: [APIRoute]) {
        self.routes = routes
        for (index, route) in routes.enumerated() { plant(route, at: index) }
    }

    private mutating func plant(_ route: APIRoute, at index: Int) {
        var place = 0
        for segment in route.path.split(separator: "/") {
            let isName = segment.hasPrefix("{")
            let known = isName ? branches[place].name : branches[place].literals[segment]
            let next = known ?? branches.count
            if known == nil {
                branches.append(Branch())
                if isName {
                    branches[place].name = next
                } else {
                    branches[place].literals[segment] = next
                }
            }
            place = next
        }
        let earlier = branches[place].routes.updateValue(index, forKey: route.method)
        precondition(earlier == nil, "two routes for \(route.method) \(route.path)")
    }

    /// The route of a request; HEAD is GET without the body, which the encoder leaves out.
    func find(_ method: HTTPMethod, _ path: String) -> Finding {
        var place = 0
        var values: [String] = []
        for segment in path.split(separator: "/") {
            if let next = branches[place].literals[segment] {
                place = next
            } else if let next = branches[place].name {
                values.append(String(segment))
                place = next
            } else {
                return .nothing
            }
        }
        let ends = branches[place].routes
        guard !ends.isEmpty else { return .nothing }
        guard let index = ends[method == .head ? .get : method] else {
            return .otherMethods(ends.keys.sorted { $0.rawValue < $1.rawValue })
        }
        let names = routes[index].parameterNames.map(String.init)
        return .route(
            routes[index],
            parameters: Dictionary(zip(names, values), uniquingKeysWith: { first, _ in first }))
    }
}

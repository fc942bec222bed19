import Foundation

/// Distances on the Earth, taken for a sphere: at most 0.6 % off.
enum GreatCircle {
    /// The Earth's mean radius (IUGG).
    static let earthRadiusKm = 6_371.008_8
    /// Nothing is farther away than the other side of the Earth.
    static let distanceMaxKm = Double.pi * earthRadiusKm

    /// Between two points, by haversines, which are exact where points are close.
    static func distanceKm(_ from: Place, _ to: Place) -> Double {
        let north = radians(to.latitude - from.latitude)
        let east = radians(to.longitude - from.longitude)
        let (halfNorth, halfEast) = (sin(north / 2), sin(east / 2))
        let haversine =
            halfNorth * halfNorth
            + cos(radians(from.latitude)) * cos(radians(to.latitude)) * halfEast * halfEast
        return 2 * earthRadiusKm * asin(min(1, haversine.squareRoot()))
    }

    /// From a point to the nearest one of an area between two parallels and two meridians.
    static func distanceKm(_ from: Place, _ area: MapArea) -> Double {
        if area.longitudes.contains(from.longitude) {
            let latitude = from.latitude.clamped(to: area.latitudes)
            return distanceKm(from, Place(latitude: latitude, longitude: from.longitude))
        }
        // Nearest is a point of the nearer side.
        return min(
            distanceKm(from, meridian: area.longitudes.lowerBound, area.latitudes),
            distanceKm(from, meridian: area.longitudes.upperBound, area.latitudes))
    }

    /// To the nearest point of a piece of a meridian. The cosine of the distance to a latitude θ is
    /// A sin θ + B cos θ, which is greatest at atan2(A, B) and falls to both sides.
    private static func distanceKm(
        _ from: Place, meridian longitude: Double, _ latitudes: ClosedRange<Double>
    ) -> Double {
        func distance(at latitude: Double) -> Double {
            distanceKm(from, Place(latitude: latitude, longitude: longitude))
        }
        let east = radians(longitude - from.longitude)
        let latitude = radians(from.latitude)
        let nearest = atan2(sin(latitude), cos(latitude) * cos(east)) * 180 / .pi
        if latitudes.contains(nearest) { return distance(at: nearest) }
        return min(distance(at: latitudes.lowerBound), distance(at: latitudes.upperBound))
    }

    private static func radians(_ degrees: Double) -> Double { degrees * .pi / 180 }
}

/// What lies between two parallels and two meridians, in degrees.
struct MapArea: Hashable, Sendable {
    let latitudes: ClosedRange<Double>
    let longitudes: ClosedRange<Double>
}

extension Double {
    fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
        Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}

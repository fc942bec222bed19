import Foundation
import Measure
import Transport

/// The program: what sending costs on this machine, to hold a server's cost per delivery against.
@main
enum Floor {
    static func main() {
        do {
            let values = try FlagValues(
                CommandLine.arguments.dropFirst(), of: FloorOptions.flags)
            guard !values.asksForHelp else { return print(help, terminator: "") }
            let server = try FloorServer(try FloorOptions(values))
            if let address = server.address {
                StandardError.write("floor: listening on \(address)")
            }
            let result = try server.run()
            let each = (result.cpuUsPerDelivery * 100).rounded() / 100
            print("\(result.deliveryCount) deliveries, \(each) µs CPU per delivery")
        } catch let error as FlagError {
            StandardError.write("floor: \(error.message)")
            exit(2)
        } catch {
            StandardError.write("floor: \(error)")
            exit(1)
        }
    }

    private static let help =
        """
        usage: floor [flags]

        Waits for its members, whom `loadtest run --scenario sink` plays, and sends to them at fixed
        times, with one send for each delivery. Prints the CPU time of its thread per delivery.


        """ + FloorOptions.flags.helpText
}

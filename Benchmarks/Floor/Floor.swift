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
            let options = try FloorOptions(values)
            if options.relays {
                let server = try RelayServer(port: options.port, joinsTick: options.joinsTick)
                announce(server.address)
                try server.run()
            }
            let server = try FloorServer(options)
            announce(server.address)
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

    private static func announce(_ address: SocketAddress?) {
        if let address { StandardError.write("floor: listening on \(address)") }
    }

    private static let help =
        """
        usage: floor [flags]

        Waits for its members, whom `loadtest run --scenario sink` plays, and sends to them at fixed
        times, with one send for each delivery. Prints the CPU time of its thread per delivery.
        With --relay it passes on what its members send, as `loadtest run --protocol relay` does.


        """ + FloorOptions.flags.helpText
}

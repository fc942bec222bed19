@main
enum LoadTest { static func main() {} }

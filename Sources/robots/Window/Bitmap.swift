import CSDL2

/// The pixels of an image file.
struct Bitmap {
    let width: Int
    let height: Int
    /// Rows from above, 0xRRGGBB each.
    let pixels: [UInt32]

    /// Reads the contents of a BMP file.
    init(bmp: [UInt8]) throws(SDLError) {
        guard
            let file = unsafe bmp.withUnsafeBytes({
                unsafe SDL_LoadBMP_RW(SDL_RWFromConstMem($0.baseAddress, Int32($0.count)), 1)
            })
        else { throw SDLError() }
        defer { unsafe SDL_FreeSurface(file) }
        guard let surface = unsafe SDL_ConvertSurfaceFormat(file, SDL_PIXELFORMAT_XRGB8888.rawValue, 0) else {
            throw SDLError()
        }
        defer { unsafe SDL_FreeSurface(surface) }
        let (width, height) = unsafe (Int(surface.pointee.w), Int(surface.pointee.h))
        let words = unsafe surface.pointee.pixels.assumingMemoryBound(to: UInt32.self)
        let stride = unsafe Int(surface.pointee.pitch) / 4
        self.width = width
        self.height = height
        pixels = (0..<width * height).map { unsafe words[$0 / width * stride + $0 % width] & 0xff_ffff }
    }
}

import CSDL2

/// A small picture with transparent parts, made once and drawn often.
@safe final class Sprite {
    let surface: UnsafeMutablePointer<SDL_Surface>

    /// - Parameter pixels: Rows from above, 0xAARRGGBB each.
    init(width: Int, height: Int, pixels: [UInt32]) throws(SDLError) {
        guard
            let surface = unsafe SDL_CreateRGBSurfaceWithFormat(
                0,
                Int32(width),
                Int32(height),
                32,
                SDL_PIXELFORMAT_ARGB8888.rawValue
            )
        else { throw SDLError() }
        unsafe self.surface = surface
        let words = unsafe surface.pointee.pixels.assumingMemoryBound(to: UInt32.self)
        let stride = unsafe Int(surface.pointee.pitch) / 4
        for row in 0..<height {
            for column in 0..<width {
                unsafe words[row * stride + column] = pixels[row * width + column]
            }
        }
        unsafe try SDLError.check(SDL_SetSurfaceBlendMode(surface, SDL_BLENDMODE_BLEND))
        // Rows are stored as runs: what is transparent costs nothing, and what is opaque is only copied.
        unsafe try SDLError.check(SDL_SetSurfaceRLE(surface, 1))
    }

    deinit {
        unsafe SDL_FreeSurface(surface)
    }
}

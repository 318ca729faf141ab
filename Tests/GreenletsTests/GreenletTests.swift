import Testing
@Suite struct GreenletTests {}

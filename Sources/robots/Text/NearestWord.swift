extension String {
    /// Which of some words this one was meant to be; nil when it is like none of them.
    func nearest(of words: [String]) -> String? {
        let distances = words.map { word in (word: word, distance: distance(to: word)) }
        guard let nearest = distances.min(by: { $0.distance < $1.distance }) else { return nil }
        // Half of the letters may be wrong, but not all of a short word.
        return nearest.distance * 2 <= Swift.max(count, nearest.word.count) ? nearest.word : nil
    }

    /// How many letters have to be inserted, taken out or replaced to get the other word; capitals are no difference.
    private func distance(to other: String) -> Int {
        let target = Array(other.lowercased())
        // Of the letters so far to each beginning of the other word.
        var distances = Array(0...target.count)
        for letter in lowercased() {
            var diagonal = distances[0]
            distances[0] += 1
            for (index, targetLetter) in target.enumerated() {
                let replaced = diagonal + (letter == targetLetter ? 0 : 1)
                diagonal = distances[index + 1]
                distances[index + 1] = Swift.min(replaced, diagonal + 1, distances[index] + 1)
            }
        }
        return distances[target.count]
    }
}

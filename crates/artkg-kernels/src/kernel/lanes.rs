/// The vectors of one instruction set, holding `LANES` values of `f32`.
///
/// Elements are what operands consist of in memory: `f32`, or `bf16`, of which
/// one step of the reduction takes two. Results are what is written.
pub(super) trait Lanes {
    /// What operands consist of in memory.
    type Element: Copy;
    /// What results consist of in memory.
    type Result: Copy;
    /// `LANES` sums.
    type Vector: Copy;
    /// A vector of elements to multiply.
    type Operand: Copy;

    /// Sums in a vector.
    const LANES: usize;
    /// Elements of a row that one step of the reduction takes.
    const DEPTH: usize;

    /// Zeros.
    ///
    /// # Safety
    /// Here and below, the processor has the instructions of this set, and
    /// pointers are valid for all values that are read or written.
    unsafe fn zero() -> Self::Vector;
    /// `value` in all lanes.
    unsafe fn fill(value: f32) -> Self::Vector;
    /// `LANES` steps' worth of a panel: `LANES · DEPTH` elements.
    unsafe fn load_operand(source: *const Self::Element) -> Self::Operand;
    /// The same `DEPTH` elements in all lanes.
    unsafe fn splat(source: *const Self::Element) -> Self::Operand;
    /// `sum + left · right`, over the `DEPTH` elements of each lane.
    unsafe fn multiply_add(
        left: Self::Operand,
        right: Self::Operand,
        sum: Self::Vector,
    ) -> Self::Vector;
    /// `LANES` values of `f32`.
    unsafe fn load_f32(source: *const f32) -> Self::Vector;
    /// The first `count` results, converted; further lanes are zero.
    unsafe fn load(source: *const Self::Result, count: usize) -> Self::Vector;
    /// Writes the first `count` lanes, converted.
    unsafe fn store(target: *mut Self::Result, vector: Self::Vector, count: usize);
    /// Lane by lane.
    unsafe fn add(left: Self::Vector, right: Self::Vector) -> Self::Vector;
    /// The larger value of each lane; NaN in `value` stays NaN.
    unsafe fn at_least(value: Self::Vector, floor: Self::Vector) -> Self::Vector;
}

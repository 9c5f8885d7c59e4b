use half::bf16;

use super::*;

/// Numbers between −1 and 1 in a fixed order, like nothing in particular.
fn numbers<E: Element>(count: usize, seed: usize) -> Vec<E> {
    (0..count)
        .map(|index| {
            E::from_f32((((index * 7 + seed * 13) * 2_654_435_761 % 2001) as f32 - 1000.0) / 1000.0)
        })
        .collect()
}

/// Every number of rows and columns, with runs in scattered places, against the
/// plain sum.
fn check_products<E: Element>(kernel: &Kernel<E>, to_f32: impl Fn(E) -> f32, tolerance: f32) {
    let runs = [
        Run {
            offset: 3,
            length: 5,
        },
        Run {
            offset: 11,
            length: 8,
        },
        Run {
            offset: 30,
            length: 1,
        },
    ];
    let lengths = runs.map(|run| run.length);
    let depth: usize = lengths.iter().sum();
    for rows in 1..=kernel.rows {
        for columns in 1..=2 * kernel.columns + 1 {
            let spacing = 32;
            let source: Vec<E> = numbers(rows * spacing + 8, rows);
            let matrix: Vec<f32> = numbers::<E>(depth * columns, columns)
                .into_iter()
                .map(&to_f32)
                .collect();
            let panels = Panels::pack(kernel, &matrix, columns, &lengths);
            let bias: Vec<f32> = numbers(panels.count() * kernel.columns, 5);
            let residual: Vec<E> = numbers(rows * columns, 6);
            let mut output = vec![E::from_f32(9.0); rows * columns];
            for index in 0..panels.count() {
                let (first, count) = panels.columns(index);
                let starts: Vec<usize> = (0..rows).map(|row| row * spacing).collect();
                let targets: Vec<usize> = (0..rows).map(|row| row * columns + first).collect();
                let tile = Tile {
                    source: source.as_ptr(),
                    starts: &starts,
                    runs: &runs,
                    panel: panels.panel(index).as_ptr(),
                    columns: count,
                    targets: &targets,
                    output: output.as_mut_ptr(),
                    epilogue: Epilogue {
                        bias: bias[first..].as_ptr(),
                        residual: residual.as_ptr(),
                        floor: -0.5,
                    },
                };
                // SAFETY: the buffers above have the sizes that the tile says.
                unsafe { kernel.compute(&tile) };
            }
            for row in 0..rows {
                for column in 0..columns {
                    let mut sum = 0.0;
                    let mut line = 0;
                    for run in runs {
                        for position in 0..run.length {
                            let left = to_f32(source[row * spacing + run.offset + position]);
                            sum += left * matrix[line * columns + column];
                            line += 1;
                        }
                    }
                    let place = row * columns + column;
                    let expected = (sum + bias[column] + to_f32(residual[place])).max(-0.5);
                    let got = to_f32(output[place]);
                    assert!(
                        (got - expected).abs() <= tolerance * expected.abs().max(1.0),
                        "{} {rows}×{columns} at {row}, {column}: {got} for {expected}",
                        kernel.name
                    );
                }
            }
        }
    }
}

#[test]
fn products_of_every_size_and_instruction_set() {
    for kernel in all_kernels() {
        check_products(kernel, |value| value, 1e-5);
    }
}

#[test]
#[ignore = "needs a processor with bf16 products"]
fn products_of_bf16() {
    let kernel = kernel_bf16().expect("this processor has bf16 products");
    // The result is rounded to 8 bits.
    check_products(kernel, bf16::to_f32, 1.0 / 250.0);
}

#[test]
fn not_a_number_stays_through_the_floor() {
    for kernel in all_kernels() {
        let panels = Panels::pack(kernel, &[1.0], 1, &[1]);
        let (not_a_number, mut output) = (f32::NAN, [0.0]);
        let tile = Tile {
            source: &raw const not_a_number,
            starts: &[0],
            runs: &[Run {
                offset: 0,
                length: 1,
            }],
            panel: panels.panel(0).as_ptr(),
            columns: 1,
            targets: &[0],
            output: output.as_mut_ptr(),
            epilogue: Epilogue {
                bias: std::ptr::null(),
                residual: std::ptr::null(),
                floor: 0.0,
            },
        };
        // SAFETY: one row, one column and one step are there.
        unsafe { kernel.compute(&tile) };
        assert!(output[0].is_nan(), "{}", kernel.name);
    }
}

#[test]
fn outer_products_of_every_size_and_instruction_set() {
    let strips = [
        Strip {
            left: 2,
            right: 3,
            steps: 4,
        },
        Strip {
            left: 150,
            right: 200,
            steps: 3,
        },
    ];
    for kernel in all_outer_kernels() {
        for rows in 1..=kernel.rows {
            for columns in 1..=kernel.columns {
                let (left_stride, right_stride) = (17, 41);
                let left: Vec<f32> = numbers(300, rows);
                let right: Vec<f32> = numbers(400, columns);
                let output_stride = columns + 2;
                let before: Vec<f32> = numbers(rows * output_stride, 3);
                let mut output = before.clone();
                let tile = OuterTile {
                    rows,
                    columns,
                    left: left.as_ptr(),
                    left_stride,
                    right: right.as_ptr(),
                    right_stride,
                    strips: &strips,
                    output: output.as_mut_ptr(),
                    output_stride,
                };
                // SAFETY: the buffers above hold what the strips reach.
                unsafe { kernel.accumulate(&tile) };
                for (place, (got, before)) in output.iter().zip(&before).enumerate() {
                    let (row, column) = (place / output_stride, place % output_stride);
                    let mut expected = *before;
                    if column < columns {
                        for strip in strips {
                            for step in 0..strip.steps {
                                expected += left[strip.left + step * left_stride + row]
                                    * right[strip.right + step * right_stride + column];
                            }
                        }
                    }
                    assert!(
                        (got - expected).abs() < 1e-5,
                        "{} {rows}×{columns} at {row}, {column}: {got} for {expected}",
                        kernel.name
                    );
                }
            }
        }
    }
}

#[test]
fn transposed_panels_hold_the_same_values() {
    for kernel in all_kernels() {
        let (rows, columns) = (kernel.columns + 3, 21);
        let matrix: Vec<f32> = numbers(3 * rows * columns, 1);
        let positions = [2, 0];
        let mut turned = Vec::new();
        for position in positions {
            for column in 0..columns {
                for row in 0..rows {
                    turned.push(matrix[(position * rows + row) * columns + column]);
                }
            }
        }
        let expected = Panels::pack(kernel, &turned, rows, &[2 * columns]);
        let panels = Panels::pack_transposed(kernel, &matrix, (rows, columns), &positions);
        assert_eq!(panels.count(), expected.count());
        for index in 0..panels.count() {
            assert_eq!(panels.panel(index), expected.panel(index));
        }
    }
}

#[test]
fn tiles_are_of_nearly_the_same_size() {
    let mut tiles = Vec::new();
    for_each_tile(49, 14, |start, length| tiles.push((start, length)));
    assert_eq!(tiles, [(0, 12), (12, 12), (24, 12), (36, 13)]);
    for_each_tile(0, 14, |_, _| panic!("nothing to cut"));
}

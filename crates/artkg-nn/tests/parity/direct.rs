//! The fast convolution against direct sums in `f64` on random shapes, and its
//! independence of the number of threads.

use artkg_nn::{
    BatchNorm, Context, ConvolutionShape, Device, ParameterStore, Tensor, Var, convolution,
    max_pool,
};

use crate::common::{Numbers, assert_values_close, values};

/// Sizes of one convolution of square batches.
#[derive(Debug)]
struct Sizes {
    batch: usize,
    size: (usize, usize),
    channels: (usize, usize),
    shape: ConvolutionShape,
}

impl Sizes {
    fn random(numbers: &mut Numbers) -> Self {
        loop {
            let mut pair = |low, high| (numbers.whole(low, high), numbers.whole(low, high));
            let shape = ConvolutionShape {
                kernel: pair(1, 7),
                stride: pair(1, 4),
                padding: pair(0, 4),
            };
            let (size, channels) = (pair(1, 13), pair(1, 20));
            let sizes = Self {
                batch: numbers.whole(1, 3),
                size,
                channels,
                shape,
            };
            if shape.output_size(size).is_ok() {
                return sizes;
            }
        }
    }

    fn output(&self) -> (usize, usize) {
        self.shape.output_size(self.size).unwrap()
    }

    fn input_shape(&self) -> [usize; 4] {
        [self.batch, self.size.0, self.size.1, self.channels.0]
    }

    fn filter_shape(&self) -> [usize; 2] {
        let (height, width) = self.shape.kernel;
        [height * width * self.channels.0, self.channels.1]
    }

    fn output_shape(&self) -> [usize; 4] {
        let (height, width) = self.output();
        [self.batch, height, width, self.channels.1]
    }

    /// Calls `visit` with the indices of input, filter and output value of each
    /// multiplication in the definition of convolution.
    fn each_product(&self, mut visit: impl FnMut(usize, usize, usize)) {
        let (height, width) = self.output();
        let ConvolutionShape {
            kernel,
            stride,
            padding,
        } = self.shape;
        for image in 0..self.batch {
            for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
                for (i, j) in (0..kernel.0).flat_map(|i| (0..kernel.1).map(move |j| (i, j))) {
                    let (from_y, from_x) = (y * stride.0 + i, x * stride.1 + j);
                    if from_y < padding.0 || from_x < padding.1 {
                        continue;
                    }
                    let (from_y, from_x) = (from_y - padding.0, from_x - padding.1);
                    if from_y >= self.size.0 || from_x >= self.size.1 {
                        continue;
                    }
                    for c in 0..self.channels.0 {
                        let input = ((image * self.size.0 + from_y) * self.size.1 + from_x)
                            * self.channels.0
                            + c;
                        let filter = (i * kernel.1 + j) * self.channels.0 + c;
                        let output = (image * height + y) * width + x;
                        for d in 0..self.channels.1 {
                            visit(
                                input,
                                filter * self.channels.1 + d,
                                output * self.channels.1 + d,
                            );
                        }
                    }
                }
            }
        }
    }
}

/// Output, input gradient and filter gradient.
fn fast(sizes: &Sizes, numbers: &mut Numbers) -> ([Tensor; 3], [Vec<f32>; 3]) {
    let input = Var::from_tensor(&numbers.tensor(&sizes.input_shape())).unwrap();
    let filters = Var::from_tensor(&numbers.tensor(&sizes.filter_shape())).unwrap();
    let gradient = numbers.tensor(&sizes.output_shape());
    let output = convolution(&input, &filters, None, sizes.shape).unwrap();
    let gradients = (&output * &gradient).unwrap().backward().unwrap();
    let results = [
        values(&output),
        values(gradients.get(&input).unwrap()),
        values(gradients.get(&filters).unwrap()),
    ];
    let operands = [
        input.as_detached_tensor(),
        filters.as_detached_tensor(),
        gradient,
    ];
    (operands, results)
}

#[test]
fn convolution_is_its_definition() {
    let mut numbers = Numbers::new(1);
    for _ in 0..200 {
        let sizes = Sizes::random(&mut numbers);
        let (operands, actual) = fast(&sizes, &mut numbers);
        let [input, filters, gradient] = operands.each_ref().map(values);
        let mut expected = [
            vec![0.0_f64; actual[0].len()],
            vec![0.0; input.len()],
            vec![0.0; filters.len()],
        ];
        sizes.each_product(|i, f, o| {
            expected[0][o] += f64::from(input[i]) * f64::from(filters[f]);
            expected[1][i] += f64::from(gradient[o]) * f64::from(filters[f]);
            expected[2][f] += f64::from(gradient[o]) * f64::from(input[i]);
        });
        for (what, (actual, expected)) in ["output", "input gradient", "filter gradient"]
            .iter()
            .zip(actual.iter().zip(&expected))
        {
            let expected: Vec<f32> = expected.iter().map(|value| *value as f32).collect();
            assert_values_close(&format!("{what} of {sizes:?}"), actual, &expected, 1e-5);
        }
    }
}

/// Sizes that take every way through the code: several strips, blocks of
/// columns, groups of pixels, strides.
fn larger() -> Vec<Sizes> {
    [
        (2, (33, 31), (3, 70), ConvolutionShape::square(7, 2, 3)),
        (2, (23, 25), (40, 130), ConvolutionShape::square(3, 1, 1)),
        (2, (9, 7), (130, 140), ConvolutionShape::square(3, 2, 1)),
        (1, (30, 31), (70, 260), ConvolutionShape::square(1, 1, 0)),
        (2, (15, 14), (260, 300), ConvolutionShape::square(1, 2, 0)),
    ]
    .into_iter()
    .map(|(batch, size, channels, shape)| Sizes {
        batch,
        size,
        channels,
        shape,
    })
    .collect()
}

#[test]
fn larger_convolutions_agree_with_their_definition() {
    let mut numbers = Numbers::new(2);
    for sizes in larger() {
        let (operands, actual) = fast(&sizes, &mut numbers);
        let [input, filters, gradient] = operands.each_ref().map(values);
        let mut expected = [
            vec![0.0_f32; actual[0].len()],
            vec![0.0; input.len()],
            vec![0.0; filters.len()],
        ];
        sizes.each_product(|i, f, o| {
            expected[0][o] += input[i] * filters[f];
            expected[1][i] += gradient[o] * filters[f];
            expected[2][f] += gradient[o] * input[i];
        });
        for (actual, expected) in actual.iter().zip(&expected) {
            assert_values_close(&format!("{sizes:?}"), actual, expected, 2e-5);
        }
    }
}

/// Output and gradients of a batch norm followed by pooling.
fn normalised_and_pooled(numbers: &mut Numbers) -> Vec<Vec<f32>> {
    let store = ParameterStore::new(0, &Device::Cpu);
    let norm = BatchNorm::new(&store.root(), 24).unwrap();
    let input = Var::from_tensor(&numbers.tensor(&[3, 40, 41, 24])).unwrap();
    let residual = numbers.tensor(input.dims());
    let output = norm
        .forward_fused(&input, Some(&residual), true, &Context::training(0))
        .unwrap();
    let output = max_pool(&output, 3, 2, 1).unwrap();
    let weights = numbers.tensor(output.dims());
    let gradients = (&output * &weights).unwrap().backward().unwrap();
    let mut results = vec![values(&output)];
    for variable in [&input, norm.weight(), norm.bias()] {
        results.push(values(gradients.get(variable).unwrap()));
    }
    results.extend(store.export().unwrap().into_values().map(|t| values(&t)));
    results[4..].sort_by(|a, b| a.partial_cmp(b).unwrap());
    results
}

#[test]
fn threads_do_not_change_results() {
    let with_threads = |threads: usize| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
            .install(|| {
                let mut numbers = Numbers::new(3);
                let mut results: Vec<Vec<f32>> = larger()
                    .iter()
                    .flat_map(|sizes| fast(sizes, &mut numbers).1)
                    .collect();
                results.extend(normalised_and_pooled(&mut numbers));
                results
            })
    };
    assert!(with_threads(1) == with_threads(2));
}

#[test]
fn any_layout_of_memory_will_do() {
    let mut numbers = Numbers::new(4);
    let shape = ConvolutionShape::square(3, 1, 1);
    let turned = numbers.tensor(&[2, 4, 6, 5]);
    let input = turned.permute((0, 2, 3, 1)).unwrap();
    let filters = numbers.tensor(&[6, 36]).t().unwrap();
    let bias = numbers.tensor(&[12]).narrow(0, 3, 6).unwrap();
    let copies = [&input, &filters, &bias].map(|tensor| tensor.force_contiguous().unwrap());
    let expected = convolution(&copies[0], &copies[1], Some(&copies[2]), shape).unwrap();
    let actual = convolution(&input, &filters, Some(&bias), shape).unwrap();
    assert_eq!(values(&actual), values(&expected));
}

#[test]
fn operands_that_do_not_fit_are_named() {
    let mut numbers = Numbers::new(5);
    let shape = ConvolutionShape::square(3, 1, 0);
    let input = numbers.tensor(&[1, 5, 5, 2]);
    let filters = numbers.tensor(&[18, 4]);
    let message = |input: &Tensor, filters: &Tensor, bias: Option<&Tensor>| {
        convolution(input, filters, bias, shape)
            .unwrap_err()
            .to_string()
    };
    let flat = numbers.tensor(&[5, 5, 2]);
    assert!(message(&flat, &filters, None).contains("[5, 5, 2]"));
    let wrong = numbers.tensor(&[9, 4]);
    assert!(message(&input, &wrong, None).contains("needs 18"));
    let bias = numbers.tensor(&[5]);
    assert!(message(&input, &filters, Some(&bias)).contains("4 output channels"));
    let small = numbers.tensor(&[1, 2, 5, 2]);
    assert!(message(&small, &filters, None).contains("does not fit"));
    let double = input.to_dtype(artkg_nn::DType::F64).unwrap();
    assert!(message(&double, &filters, None).contains("F64"));
}

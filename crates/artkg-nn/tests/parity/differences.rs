//! Gradients against central differences, for every operation and argument.

use artkg_nn::{
    BatchNorm, Context, Convolution, ConvolutionShape, Device, FoldedConvolution, Module,
    ParameterStore, Precision, Tensor, Var, adaptive_average_pool, backward, convolution,
    convolution_relu, global_average_pool, max_pool, max_pool_rounding_up, recorded, relu,
};

use crate::common::{Numbers, assert_close, assert_values_close, on_tape, values};

/// The gradient of `weights · compute()` with respect to `argument`, by central
/// differences of size `step` summed in `f64`.
fn differences(
    argument: &Var,
    weights: &Tensor,
    step: f32,
    compute: &dyn Fn() -> Tensor,
) -> Vec<f32> {
    let weights = values(weights);
    let loss = || -> f64 {
        values(&compute())
            .iter()
            .zip(&weights)
            .map(|(value, weight)| f64::from(*value) * f64::from(*weight))
            .sum()
    };
    let original = values(argument);
    let set = |values: &[f32]| {
        let tensor = Tensor::from_slice(values, argument.shape(), &Device::Cpu).unwrap();
        argument.set(&tensor).unwrap();
    };
    let gradient = (0..original.len())
        .map(|index| {
            let mut moved = original.clone();
            moved[index] = original[index] + step;
            let (high, above) = (moved[index], {
                set(&moved);
                loss()
            });
            moved[index] = original[index] - step;
            let (low, below) = (moved[index], {
                set(&moved);
                loss()
            });
            ((above - below) / f64::from(high - low)) as f32
        })
        .collect();
    set(&original);
    gradient
}

/// Compares the gradients of all `arguments` with differences.
fn check(
    what: &str,
    arguments: &[(&str, &Var)],
    numbers: &mut Numbers,
    step: f32,
    compute: impl Fn() -> Tensor,
) {
    let output = on_tape(arguments[0].1, &compute);
    let weights = numbers.tensor(output.dims());
    let gradients = backward(&(&output * &weights).unwrap().sum_all().unwrap()).unwrap();
    for (name, argument) in arguments {
        let expected = differences(argument, &weights, step, &compute);
        let actual = gradients
            .get(argument)
            .unwrap_or_else(|| panic!("{what}: no gradient of {name}"));
        assert_values_close(&format!("{what}, {name}"), &values(actual), &expected, 4e-3);
    }
}

fn variable(tensor: &Tensor) -> Var {
    Var::from_tensor(tensor).unwrap()
}

#[test]
fn convolution_gradients() {
    let mut numbers = Numbers::new(11);
    for (size, kernel, stride, padding) in [
        ((5, 4), (3, 3), (1, 1), (1, 1)),
        ((7, 6), (3, 2), (2, 3), (1, 0)),
        ((4, 5), (1, 1), (1, 1), (0, 0)),
        ((5, 5), (1, 1), (2, 2), (0, 0)),
        ((3, 2), (5, 4), (1, 2), (2, 1)),
        ((4, 4), (2, 2), (3, 3), (2, 2)),
    ] {
        let shape = ConvolutionShape {
            kernel,
            stride,
            padding,
        };
        let input = variable(&numbers.tensor(&[2, size.0, size.1, 3]));
        let filters = variable(&numbers.tensor(&[kernel.0 * kernel.1 * 3, 4]));
        let bias = variable(&numbers.tensor(&[4]));
        let arguments = [("input", &input), ("filters", &filters), ("bias", &bias)];
        check(
            &format!("{shape:?}"),
            &arguments,
            &mut numbers,
            0.125,
            || convolution(&input, &filters, Some(&bias), shape).unwrap(),
        );
    }
}

#[test]
fn convolution_with_relu_gradients() {
    let mut numbers = Numbers::new(19);
    let shape = ConvolutionShape::square(3, 1, 1);
    let input = variable(&numbers.tensor(&[2, 5, 4, 3]));
    let filters = variable(&numbers.tensor(&[27, 4]));
    // Far from the kink of ReLU, on either side of it.
    let bias = variable(&Tensor::new(&[60_f32, -60.0, 50.0, -50.0], &Device::Cpu).unwrap());
    let arguments = [("input", &input), ("filters", &filters), ("bias", &bias)];
    check("with bias", &arguments, &mut numbers, 0.125, || {
        let output = convolution_relu(&input, &filters, Some(&bias), shape).unwrap();
        let positive = values(&output).iter().filter(|&&value| value > 0.0).count();
        assert_eq!(positive, 2 * 5 * 4 * 2, "half of the channels");
        output
    });
}

#[test]
fn convolution_with_relu_is_its_parts() {
    let mut numbers = Numbers::new(20);
    for shape in [
        ConvolutionShape::square(3, 1, 1),
        ConvolutionShape::square(5, 2, 2),
        ConvolutionShape::square(1, 1, 0),
    ] {
        let input = variable(&numbers.tensor(&[2, 9, 7, 6]));
        let filters = variable(&numbers.tensor(&[shape.kernel.0 * shape.kernel.1 * 6, 5]));
        let bias = variable(&numbers.tensor(&[5]));
        for bias in [Some(&bias), None] {
            let given = bias.map(Var::as_tensor);
            let fused = convolution_relu(&input, &filters, given, shape).unwrap();
            let parts = relu(&convolution(&input, &filters, given, shape).unwrap()).unwrap();
            assert!(values(&fused).contains(&0.0) && values(&fused).iter().any(|v| *v > 0.0));
            assert_close("output", &fused, &parts, 1e-6);
            let on_tape = recorded(&input, |input| {
                convolution_relu(input, &filters, given, shape)
            });
            let weights = numbers.tensor(fused.dims());
            let [fused, parts, on_tape] = [fused, parts, on_tape.unwrap()]
                .map(|output| backward(&(output * &weights).unwrap()).unwrap());
            for argument in [Some(&input), Some(&filters), bias].into_iter().flatten() {
                let expected = parts.get(argument).unwrap();
                assert_close("gradient", fused.get(argument).unwrap(), expected, 1e-5);
                assert_close(
                    "on the tape",
                    on_tape.get(argument).unwrap(),
                    expected,
                    1e-5,
                );
            }
        }
    }
}

#[test]
fn batch_norm_gradients() {
    let mut numbers = Numbers::new(12);
    let shape = [2, 3, 3, 4];
    for training in [true, false] {
        for (with_residual, with_relu) in
            [(false, false), (true, false), (false, true), (true, true)]
        {
            let store = ParameterStore::new(0, &Device::Cpu);
            let layer = BatchNorm::new(&store.root(), 4).unwrap();
            // Far from the kink of ReLU, on either side of it; the next test
            // has channels across it.
            let shift = Tensor::new(&[9_f32, -9.0, 8.0, -7.0], &Device::Cpu).unwrap();
            layer.bias().set(&shift).unwrap();
            layer.weight().set(&numbers.tensor(&[4])).unwrap();
            let input = variable(&(numbers.spaced(&shape, 0.11) + 0.3).unwrap());
            let residual = variable(&numbers.tensor(&shape));
            let mut arguments = vec![
                ("input", &input),
                ("weight", layer.weight()),
                ("bias", layer.bias()),
            ];
            if with_residual {
                arguments.push(("residual", &residual));
            }
            let what = format!("training {training}, residual {with_residual}, relu {with_relu}");
            check(&what, &arguments, &mut numbers, 0.01, || {
                let context = if training {
                    Context::training(0)
                } else {
                    Context::evaluation()
                };
                let residual = with_residual.then_some(residual.as_tensor());
                layer
                    .forward_fused(&input, residual, with_relu, &context)
                    .unwrap()
            });
        }
    }
}

#[test]
fn fused_batch_norm_is_its_parts() {
    let mut numbers = Numbers::new(13);
    let shape = [2, 5, 4, 7];
    let (input, residual) = (
        variable(&numbers.tensor(&shape)),
        variable(&numbers.tensor(&shape)),
    );
    let weights = numbers.tensor(&shape);
    for context in [Context::training(0), Context::evaluation()] {
        let store = ParameterStore::new(0, &Device::Cpu);
        let layer = BatchNorm::new(&store.root(), 7).unwrap();
        let fused = layer
            .forward_fused(&input, Some(&residual), true, &context)
            .unwrap();
        let parts = (layer.forward(&input, &context).unwrap() + residual.as_tensor()).unwrap();
        let parts = relu(&parts).unwrap();
        assert!(values(&fused).contains(&0.0) && values(&fused).iter().any(|v| *v > 0.0));
        assert_close("output", &fused, &parts, 1e-6);
        let [fused, parts] =
            [fused, parts].map(|output| (output * &weights).unwrap().backward().unwrap());
        for argument in [&input, &residual, layer.weight(), layer.bias()] {
            let (fused, parts) = (fused.get(argument).unwrap(), parts.get(argument).unwrap());
            assert_close("gradient", fused, parts, 1e-5);
        }
    }
}

#[test]
fn pooling_gradients() {
    let mut numbers = Numbers::new(14);
    let input = variable(&numbers.spaced(&[2, 7, 6, 2], 0.1));
    let arguments = [("input", &input)];
    for (kernel, stride, padding) in [(3, 2, 1), (2, 2, 0), (3, 1, 1), (1, 2, 0), (2, 3, 1)] {
        let what = format!("{kernel} / {stride} + {padding}");
        check(
            &format!("max {what}"),
            &arguments,
            &mut numbers,
            0.02,
            || max_pool(&input, kernel, stride, padding).unwrap(),
        );
    }
    for (kernel, stride, padding) in [(3, 2, 0), (2, 2, 0), (3, 1, 1), (2, 3, 1)] {
        let what = format!("max, rounding up, {kernel} / {stride} + {padding}");
        check(&what, &arguments, &mut numbers, 0.02, || {
            max_pool_rounding_up(&input, kernel, stride, padding).unwrap()
        });
    }
    for size in [(3, 2), (5, 8), (7, 6)] {
        let what = format!("adaptive {size:?}");
        check(&what, &arguments, &mut numbers, 0.1, || {
            adaptive_average_pool(&input, size).unwrap()
        });
    }
    check("global", &arguments, &mut numbers, 0.1, || {
        global_average_pool(&input).unwrap()
    });
    check("relu", &arguments, &mut numbers, 0.02, || {
        relu(&input).unwrap()
    });
}

#[test]
fn equal_values_share_nothing() {
    let input = Var::ones((1, 2, 2, 1), artkg_nn::DType::F32, &Device::Cpu).unwrap();
    let output = max_pool(&input, 2, 2, 0).unwrap();
    let gradients = output.backward().unwrap();
    assert_eq!(values(gradients.get(&input).unwrap()), [1.0, 0.0, 0.0, 0.0]);
}

#[test]
fn gradients_nobody_wants_are_not_computed() {
    let mut numbers = Numbers::new(15);
    let shape = ConvolutionShape::square(3, 1, 1);
    let input = numbers.tensor(&[1, 4, 4, 2]);
    let filters = variable(&numbers.tensor(&[18, 3]));
    let output = convolution(&input, &filters, None, shape).unwrap();
    let gradients = output.backward().unwrap();
    assert!(gradients.get(&filters).is_some());
    assert!(gradients.get(&input).is_none());
}

#[test]
fn folding_changes_nothing_but_rounding() {
    let mut numbers = Numbers::new(16);
    for (shape, with_bias) in [
        (ConvolutionShape::square(3, 2, 1), true),
        (ConvolutionShape::square(1, 1, 0), false),
    ] {
        let store = ParameterStore::new(3, &Device::Cpu);
        let convolution =
            Convolution::new(&store.root().sub("conv"), 5, 6, shape, with_bias).unwrap();
        let norm = BatchNorm::new(&store.root().sub("bn"), 6).unwrap();
        for (_, parameter) in store.named() {
            let shape = parameter.variable.dims().to_vec();
            // Positive, as running variances must be.
            let values = (numbers.tensor(&shape) * 0.5).unwrap();
            parameter.variable.set(&(values + 0.75).unwrap()).unwrap();
        }
        let folded = FoldedConvolution::new(&convolution, &norm, Precision::F32).unwrap();
        let input = numbers.tensor(&[2, 9, 8, 5]);
        let context = Context::evaluation();
        let plain = convolution.forward(&input, &context).unwrap();
        let residual = (numbers.tensor(plain.dims()) * 20.0).unwrap();
        for residual in [None, Some(&residual)] {
            for relu in [false, true] {
                let expected = norm
                    .forward_fused(&plain, residual, relu, &context)
                    .unwrap();
                let actual = folded.forward(&input, residual, relu).unwrap();
                assert_close("folded", &actual, &expected, 1e-6);
            }
        }
        let wrong = numbers.tensor(&[2, 9, 8, 7]);
        let error = folded.forward(&input, Some(&wrong), false).unwrap_err();
        assert!(error.to_string().contains("[2, 9, 8, 7]"), "{error}");
    }
}

#[test]
fn a_single_value_has_no_variance() {
    let mut numbers = Numbers::new(17);
    let store = ParameterStore::new(0, &Device::Cpu);
    let layer = BatchNorm::new(&store.root(), 3).unwrap();
    let single = numbers.tensor(&[1, 1, 1, 3]);
    let error = layer.forward(&single, &Context::training(0)).unwrap_err();
    assert!(error.to_string().contains("single value"), "{error}");
    assert!(layer.forward(&single, &Context::evaluation()).is_ok());
}

#[test]
fn statistics_survive_large_means() {
    let store = ParameterStore::new(0, &Device::Cpu);
    let layer = BatchNorm::new(&store.root(), 2).unwrap();
    let mut numbers = Numbers::new(18);
    // A mean of 1000 deviations: squares minus squared mean would lose it all.
    let input = (numbers.tensor(&[8, 40, 40, 2]) + 1000.0).unwrap();
    let output = layer.forward(&input, &Context::training(0)).unwrap();
    let output = values(&output);
    let square = output.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / output.len() as f64;
    assert!((square - 1.0).abs() < 1e-2, "{square}");
}

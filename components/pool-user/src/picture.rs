//! Determines which picture to request.

use fractal::parameter_file::ParameterFile;
use wire::fractal_generator::{Algorithm, Parameter};

use crate::{AlgorithmChoice, PictureArgs, Size};

impl PictureArgs {
    /// Returns the parameters of the whole picture in this size: those of the file, otherwise of the view, and the
    /// options that override them.
    pub(crate) fn parameter(&self, size: Size, file: Option<&ParameterFile>) -> Parameter {
        let mut parameter = match file {
            Some(file) => file.parameter(size.width, size.height),
            None => self.view.parameter(size.width, size.height),
        };
        if let (Some(c1), Some(c2)) = (self.c1, self.c2) {
            (parameter.c1, parameter.c2) = (c1, c2);
        }
        if let Some(n) = self.n {
            parameter.n = n;
            parameter.algorithm = Algorithm::MandelbrotN;
        }
        if let Some(algorithm) = self.algorithm {
            parameter.algorithm = match algorithm {
                AlgorithmChoice::Mandelbrot => Algorithm::Mandelbrot,
                AlgorithmChoice::MandelbrotN => Algorithm::MandelbrotN,
            };
        }
        if let Some(max_iterations) = self.max_iterations {
            parameter.max_iterations = max_iterations;
        }
        parameter
    }
}

#[cfg(test)]
mod tests {
    use wire::fractal_generator::Complex;

    use super::*;

    #[test]
    fn single_options_replace_parts_of_the_view() {
        let corner = |re, im| Some(Complex { re, im });
        let args = PictureArgs {
            c1: corner(-1.0, 1.0),
            c2: corner(1.0, -1.0),
            n: Some(3.0),
            max_iterations: Some(99),
            ..PictureArgs::default()
        };
        let parameter = args.parameter(Size::default(), None);
        assert_eq!((parameter.c1.re, parameter.c2.im), (-1.0, -1.0));
        assert_eq!((parameter.algorithm, parameter.n), (Algorithm::MandelbrotN, 3.0));
        assert_eq!(parameter.max_iterations, 99);
        assert!(parameter.check().is_ok());
    }
}

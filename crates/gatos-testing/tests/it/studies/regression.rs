//! Least squares in binary floating point, by orthogonalisation (the study solves normal equations
//! in decimals).

/// `design` as orthonormal columns times an upper triangle, and the coefficients for `values`.
pub(super) struct Fit {
    triangle: Vec<Vec<f64>>,
    pub(super) coefficients: Vec<f64>,
}

impl Fit {
    pub(super) fn new(design: &[Vec<f64>], values: &[f64]) -> Self {
        let size = design[0].len();
        let mut columns: Vec<Vec<f64>> = (0..size)
            .map(|k| design.iter().map(|row| row[k]).collect())
            .collect();
        let mut triangle = vec![vec![0.0; size]; size];
        for k in 0..size {
            // Twice is enough: the second pass removes what rounding left of the first.
            for _ in 0..2 {
                for earlier in 0..k {
                    let part = dot(&columns[earlier], &columns[k]);
                    triangle[earlier][k] += part;
                    let basis = columns[earlier].clone();
                    columns[k]
                        .iter_mut()
                        .zip(basis)
                        .for_each(|(x, b)| *x -= part * b);
                }
            }
            triangle[k][k] = dot(&columns[k], &columns[k]).sqrt();
            let length = triangle[k][k];
            columns[k].iter_mut().for_each(|x| *x /= length);
        }
        let target: Vec<f64> = columns.iter().map(|column| dot(column, values)).collect();
        let coefficients = back(&triangle, &target);
        Self {
            triangle,
            coefficients,
        }
    }

    /// The weights of the rows' pull on a weighted sum of coefficients.
    pub(super) fn effect(&self, weights: &[f64]) -> Vec<f64> {
        let mut forward = vec![0.0; weights.len()];
        for k in 0..weights.len() {
            let known: f64 = (0..k).map(|i| self.triangle[i][k] * forward[i]).sum();
            forward[k] = (weights[k] - known) / self.triangle[k][k];
        }
        back(&self.triangle, &forward)
    }
}

fn back(triangle: &[Vec<f64>], target: &[f64]) -> Vec<f64> {
    let mut solution = vec![0.0; target.len()];
    for k in (0..target.len()).rev() {
        let known: f64 = (k + 1..target.len())
            .map(|i| triangle[k][i] * solution[i])
            .sum();
        solution[k] = (target[k] - known) / triangle[k][k];
    }
    solution
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
